// Photos: each goes up at once and becomes a draft that the form carries; without a script the form cannot take photos, and says so.
import { word } from "./words";

interface Draft {
  id: string;
  thumb_url: string;
  note?: string;
}

export const uploads = (root: ParentNode): void => {
  root.querySelectorAll<HTMLElement>("[data-upload]:not([data-ready])").forEach((box) => {
    box.dataset["ready"] = "1";
    const input = box.querySelector<HTMLInputElement>("input[type=file]");
    if (!input) return;
    const max = Number(box.dataset["max"] ?? "6");
    const status = document.createElement("p");
    status.className = "form-error";
    status.setAttribute("role", "status");
    box.after(status);
    const room = (): number => max - box.querySelectorAll(".upload-item").length;

    const removable = (item: HTMLElement): void => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", word("remove"));
      button.onclick = () => item.remove();
      item.append(button);
    };
    box.querySelectorAll<HTMLElement>(".upload-item").forEach(removable);

    const send = async (file: File): Promise<void> => {
      const item = document.createElement("span");
      item.className = "upload-item";
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", file.name);
      item.append(bar);
      box.insertBefore(item, input);
      const body = new FormData();
      body.append("csrf", box.dataset["csrf"] ?? "");
      body.append("photo", file);
      try {
        const answer = await fetch(box.dataset["upload"] ?? "", { method: "POST", body, headers: { Accept: "application/json" } });
        const said = (await answer.json()) as Draft & { detail?: string; title?: string };
        if (!answer.ok) throw new Error(said.detail ?? said.title ?? word("upload-failed"));
        const image = document.createElement("img");
        image.src = said.thumb_url;
        image.alt = said.note ?? "";
        image.title = said.note ?? "";
        image.width = 96;
        image.height = 72;
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = box.dataset["name"] ?? "photo";
        field.value = said.id;
        bar.replaceWith(image, field);
        removable(item);
      } catch (error) {
        item.remove();
        status.textContent = error instanceof TypeError || error instanceof SyntaxError ? word("upload-failed") : (error as Error).message;
      }
    };
    const take = async (files: Iterable<File>): Promise<void> => {
      status.textContent = "";
      for (const file of files) {
        if (room() <= 0) {
          status.textContent = word("upload-full");
          break;
        }
        await send(file);
      }
      input.value = "";
    };
    input.addEventListener("change", () => void take(input.files ?? []));
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      box.classList.add("over");
    });
    box.addEventListener("dragleave", () => box.classList.remove("over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      box.classList.remove("over");
      void take(event.dataTransfer?.files ?? []);
    });
  });
};
