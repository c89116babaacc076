// A program of the API: its owner logs in, makes a token on the own page, and it asks with that.

/** Makes a token of `account` (name and password as the demo says) with these scopes, and gives it. */
export async function tokenOf(address, { login, password, tenant }, scopes) {
  const jar = new Map();
  const send = async (path, fields) => {
    const body = fields && new URLSearchParams(fields);
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "), "accept-language": "en" };
    const answer = await fetch(`${address}${path}`, { method: body ? "POST" : "GET", body, headers, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      jar.set(name, value);
    }
    return { status: answer.status, text: await answer.text() };
  };
  await send("/login", [["name", login], ["password", password]]);
  const path = `/t/${tenant}/account/tokens`;
  const page = (await send(path)).text;
  const form = page.slice(page.lastIndexOf(`action="${path}"`));
  const hidden = (name) => form.match(new RegExp(`name="${name}" value="([^"]+)"`))?.[1] ?? "";
  const fields = [["csrf", hidden("csrf")], ["command_id", hidden("command_id")], ["name", "e2e"], ["days", "7"], ["present", password]];
  const made = await send(path, [...fields, ...scopes.map((scope) => ["scope", scope])]);
  const token = made.text.match(/xiuhua_\d+_[0-9a-f]{64}/)?.[0];
  if (!token) throw new Error(`no token was made for ${login}: ${made.status}`);
  return token;
}
