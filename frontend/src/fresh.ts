// A list that changed meanwhile is shown anew where it stands, unless somebody is about to do something with it: then a link says so.
import htmx from "htmx.org";

const numbers = (list: Element): Set<string> => new Set([...list.querySelectorAll("tbody .num")].map((cell) => cell.textContent ?? ""));

/** Whoever chooses lines, or stands in the list, would lose the place. */
const busy = (list: Element): boolean => list.contains(document.activeElement) || list.querySelector("input:checked, tr.at") !== null;

const renew = async (list: Element, address: string): Promise<void> => {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [next, told, fresh] = [page.getElementById("list"), page.getElementById("fresh"), document.getElementById("fresh")];
  if (!next || !told || !fresh || busy(list)) return;
  const before = numbers(list);
  for (const cell of next.querySelectorAll("tbody .num")) cell.closest("tr")?.classList.toggle("new", !before.has(cell.textContent ?? ""));
  list.replaceWith(next);
  fresh.replaceWith(told);
  htmx.process(next);
  htmx.process(told);
  document.dispatchEvent(new Event("list:renewed"));
};

export const freshLists = (): void => {
  document.addEventListener("htmx:after:swap", () => {
    const list = document.getElementById("list");
    const link = document.querySelector<HTMLAnchorElement>("#fresh a[data-fresh]");
    if (!list || !link || document.hidden || busy(list)) return;
    // Without it the link stays, and is pressed by hand.
    renew(list, link.href).catch(() => undefined);
  });
};
