// A certified OpenID Connect provider as a process, for the tests of logging in by one: `node e2e/lib/provider.js PORT REDIRECT…`.
//
// Two clients: `basic` (secret by HTTP Basic, tokens signed RS256) and `public` (no secret, ES256). Nobody is asked
// anything: `POST /as/NAME` says who is there from then on, `POST /as/NAME?mfa` who has shown two things, `POST /as/` nobody.
// It says READY on standard output.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [port, basic, open] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const key = (alg, kind, options) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }),
  kid: alg,
  alg,
  use: "sig",
});
const client = (name, redirect, method, alg) => ({
  client_id: name,
  ...(method === "none" ? {} : { client_secret: "a secret: with + signs & more" }),
  redirect_uris: [redirect],
  token_endpoint_auth_method: method,
  id_token_signed_response_alg: alg,
});

const provider = new Provider(issuer, {
  clients: [client("basic", basic, "client_secret_basic", "RS256"), client("public", open, "none", "ES256")],
  jwks: { keys: [key("RS256", "rsa", { modulusLength: 2048 }), key("ES256", "ec", { namedCurve: "P-256" })] },
  claims: { openid: ["sub", "staff_number", "amr"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, staff_number: `n-${id}` }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  cookies: { keys: ["only in tests"] },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});

let who = "";
let amr = [];
const answer = provider.callback();
createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (request.method === "POST" && url.pathname.startsWith("/as/")) {
    who = url.pathname.slice(4);
    amr = url.searchParams.has("mfa") ? ["pwd", "mfa"] : ["pwd"];
    response.end("ok\n");
  } else if (url.pathname.startsWith("/interaction/")) {
    const result = who ? { login: { accountId: who, amr } } : { error: "access_denied", error_description: "nobody is there" };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } else {
    answer(request, response);
  }
}).listen(Number(port), "127.0.0.1", () => console.log("READY"));
