// Keys for a clerk's day: / searches, n reports, j and k walk a list, Enter opens the line.
const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

export const keys = (): void => {
  // The navigation is folded on a phone and open on a desk.
  const nav = document.querySelector<HTMLDetailsElement>(".nav details");
  if (nav && matchMedia("(min-width: 961px)").matches) nav.open = true;

  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>(".search");
      if (search) {
        event.preventDefault();
        search.focus();
      }
      return;
    }
    const keyed = document.querySelector<HTMLAnchorElement>(`a[data-key="${CSS.escape(event.key)}"]`);
    if (keyed) {
      keyed.click();
      return;
    }
    const rows = [...document.querySelectorAll<HTMLTableRowElement>("table[data-keys] tbody tr")];
    if (rows.length === 0) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    if (event.key === "j" || event.key === "k") {
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
      rows[at]?.classList.remove("at");
      next?.classList.add("at");
      next?.querySelector<HTMLAnchorElement>("a")?.focus();
    }
  });
};
