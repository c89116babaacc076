// Several at once: how many are chosen, x chooses the line under the keys, and the box in the heading chooses all.
export const bulk = (): void => {
  const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>('input[form="bulk"][name="chosen"]')];
  const show = (): void => {
    const count = document.querySelector<HTMLElement>("[data-bulk-count]");
    if (!count) return;
    const words = (count.dataset["bulkCount"] ||= count.textContent ?? "");
    const chosen = boxes().filter((box) => box.checked).length;
    count.textContent = `${words} (${chosen})`;
    // In the way until something is chosen.
    const bar = count.closest("form");
    if (bar) bar.hidden = chosen === 0;
  };
  /** A box in the heading chooses all. */
  const head = (): void => {
    const cell = document.querySelector<HTMLTableCellElement>("th.pick");
    if (!cell || cell.querySelector("input")) return;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", cell.textContent ?? "");
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
      show();
    });
    cell.replaceChildren(all);
  };
  const begin = (): void => {
    head();
    show();
  };
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === "chosen") show();
  });
  document.addEventListener("keydown", (event) => {
    const box = document.querySelector<HTMLInputElement>('tr.at input[name="chosen"]');
    const typing = event.target instanceof HTMLElement && /^(input|textarea|select)$/i.test(event.target.tagName) && event.target !== box;
    if (event.key !== "x" || typing || !box || event.ctrlKey || event.metaKey || event.altKey) return;
    box.checked = !box.checked;
    show();
  });
  // The list was shown anew.
  document.addEventListener("list:renewed", begin);
  begin();
};
