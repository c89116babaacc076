// Several at once: how many are chosen, x chooses the line under the keys, and the box in the heading chooses all.
export const bulk = (): void => {
  const count = document.querySelector<HTMLElement>("[data-bulk-count]");
  if (!count) return;
  const words = count.textContent ?? "";
  const boxes = [...document.querySelectorAll<HTMLInputElement>('input[form="bulk"][name="chosen"]')];
  const show = (): void => {
    const chosen = boxes.filter((box) => box.checked).length;
    count.textContent = `${words} (${chosen})`;
    // In the way until something is chosen.
    const bar = count.closest("form");
    if (bar) bar.hidden = chosen === 0;
  };
  const head = document.querySelector<HTMLTableCellElement>("th.pick");
  if (head) {
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", head.textContent ?? "");
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
    head.replaceChildren(all);
  }
  for (const box of boxes) box.addEventListener("change", show);
  document.addEventListener("keydown", (event) => {
    const box = document.querySelector<HTMLInputElement>('tr.at input[name="chosen"]');
    const typing = event.target instanceof HTMLElement && /^(input|textarea|select)$/i.test(event.target.tagName) && event.target !== box;
    if (event.key !== "x" || typing || !box || event.ctrlKey || event.metaKey || event.altKey) return;
    box.checked = !box.checked;
    show();
  });
  show();
};
