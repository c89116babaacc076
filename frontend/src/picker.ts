// The category picker: search by words, pinyin initials, code or synonym over the tenant's list; the plain select stays underneath.
interface Item {
  id: string;
  name: string;
  code: string;
  class: string;
  initials: string;
  synonyms: string[];
  common: number | null;
}

const found = (items: Item[], text: string): Item[] => {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const rank = (item: Item): number => {
    if (item.name.startsWith(wanted) || item.code.startsWith(wanted)) return 0;
    if (item.name.includes(wanted) || item.synonyms.some((synonym) => synonym.includes(wanted))) return 1;
    if (item.initials.startsWith(wanted)) return 2;
    return item.initials.includes(wanted) || item.class.includes(wanted) ? 3 : 9;
  };
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .filter((one) => one.rank < 9)
    .sort((a, b) => a.rank - b.rank || (a.item.common ?? 999) - (b.item.common ?? 999))
    .slice(0, 12)
    .map((one) => one.item);
};

export const pickers = (root: ParentNode): void => {
  root.querySelectorAll<HTMLSelectElement>("select[data-picker]:not([data-ready])").forEach((select) => {
    select.dataset["ready"] = "1";
    void fetch(select.dataset["picker"] ?? "", { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? (answer.json() as Promise<Item[]>) : Promise.reject(new Error(String(answer.status)))))
      .then((items) => enhance(select, items))
      .catch(() => undefined);
  });
};

const enhance = (select: HTMLSelectElement, items: Item[]): void => {
  const label = document.querySelector<HTMLLabelElement>(`label[for="${select.id}"]`);
  const box = document.createElement("div");
  box.className = "picker";
  const input = document.createElement("input");
  input.className = "field";
  input.id = `${select.id}-search`;
  input.autocomplete = "off";
  input.placeholder = select.dataset["placeholder"] ?? "";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  const list = document.createElement("ul");
  list.className = "picker-list";
  list.id = `${select.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label?.textContent ?? "");
  list.hidden = true;
  input.setAttribute("aria-controls", list.id);
  const describedby = select.getAttribute("aria-describedby");
  if (describedby) input.setAttribute("aria-describedby", describedby);
  if (select.getAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
  label?.setAttribute("for", input.id);
  select.hidden = true;
  select.before(box);
  box.append(input, list, select);

  let shown: Item[] = [];
  let at = -1;
  const mark = (): void => {
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    if (at >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  };
  const close = (): void => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };
  const choose = (item: Item): void => {
    select.value = item.id;
    input.value = item.name;
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const show = (): void => {
    shown = found(items, input.value);
    at = shown.length > 0 ? 0 : -1;
    list.replaceChildren(
      ...shown.map((item, index) => {
        const row = document.createElement("li");
        row.id = `${list.id}-${index}`;
        row.setAttribute("role", "option");
        const small = document.createElement("small");
        small.className = "sub";
        small.textContent = `${item.class} · ${item.code}`;
        row.append(item.name, small);
        row.onmousedown = (event) => {
          event.preventDefault();
          choose(item);
        };
        return row;
      }),
    );
    list.hidden = shown.length === 0;
    input.setAttribute("aria-expanded", String(shown.length > 0));
    mark();
  };
  input.addEventListener("input", () => {
    select.value = "";
    show();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
      mark();
    } else if (event.key === "Enter" && shown[at]) {
      event.preventDefault();
      choose(shown[at]!);
    }
  });
  const chosen = items.find((item) => item.id === select.value);
  if (chosen) input.value = chosen.name;

  const chips = document.createElement("div");
  chips.className = "chips";
  const common = items.filter((item) => item.common !== null).sort((a, b) => (a.common ?? 0) - (b.common ?? 0));
  for (const item of common.slice(0, 30)) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.textContent = item.name;
    chip.onclick = () => choose(item);
    chips.append(chip);
  }
  box.append(chips);
};
