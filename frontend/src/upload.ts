// Photos and a video: each goes up at once and becomes a draft that the form carries; without a script the form cannot take them, and says so.
import { look } from "./film";
import { word } from "./words";

interface Draft {
  id: string;
  thumb_url: string;
  note?: string;
}

/** A photo of the page's own camera, for a box of photos to send. */
export const TAKEN = "photo:taken";

/** What was said of a refusal, instead of what a script would say. */
class Refused extends Error {}

/** Sends a form and tells how far it is; a fetch can't. */
const send = (address: string, body: FormData, went: (share: number) => void): Promise<Draft> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && went(event.loaded / event.total);
    request.onerror = request.onabort = request.ontimeout = () => reject(new Error());
    request.onload = () => {
      try {
        const said = JSON.parse(request.responseText) as Draft & { detail?: string; title?: string };
        if (request.status < 300) resolve(said);
        else reject(new Refused(said.detail ?? said.title ?? word("upload-failed")));
      } catch {
        reject(new Error());
      }
    };
    request.send(body);
  });

export const uploads = (root: ParentNode): void => {
  root.querySelectorAll<HTMLElement>("[data-upload]:not([data-ready])").forEach((box) => {
    box.dataset["ready"] = "1";
    const input = box.querySelector<HTMLInputElement>("input[type=file]");
    if (!input) return;
    const film = box.dataset["kind"] === "video";
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
      button.onclick = () => {
        item.remove();
        input.focus();
      };
      item.append(button);
    };
    box.querySelectorAll<HTMLElement>(".upload-item").forEach(removable);

    const add = async (file: File, camera: boolean): Promise<void> => {
      const item = document.createElement("span");
      item.className = film ? "upload-item film-sign" : "upload-item";
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", file.name);
      item.append(bar);
      box.insertBefore(item, input);
      const body = new FormData();
      body.append("csrf", box.dataset["csrf"] ?? "");
      try {
        if (film) {
          // What is seen to be too much is not sent first and refused after.
          if (file.size > Number(box.dataset["bytes"])) throw new Refused(box.dataset["tooLarge"]);
          const { seconds, poster } = await look(file);
          if (Math.floor(seconds) > Number(box.dataset["seconds"])) throw new Refused(box.dataset["tooLong"]);
          if (poster) body.append("poster", poster);
        } else if (camera) body.append("camera", "yes");
        body.append(film ? "video" : "photo", file);
        const said = await send(box.dataset["upload"] ?? "", body, (share) => (bar.value = share));
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
        status.textContent = error instanceof Refused ? error.message : word("upload-failed");
      }
    };
    const take = async (files: Iterable<File>, camera = false): Promise<void> => {
      status.textContent = "";
      for (const file of files) {
        if (room() <= 0) {
          status.textContent = word("upload-full");
          break;
        }
        await add(file, camera);
      }
      input.value = "";
    };
    input.addEventListener("change", () => void take(input.files ?? []));
    box.addEventListener(TAKEN, (event) => void take([(event as CustomEvent<File>).detail], true));
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
