// Forms: a second click does nothing, and what cannot be undone is asked for once more.
import { word } from "./words";

/** Disables the buttons of a form on its way; the form carries its command's id, so a replay is harmless anyway. */
export const once = (): void => {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "1";
    // After the browser has taken the clicked button's name and address.
    setTimeout(() => form.querySelectorAll<HTMLButtonElement>("button[type=submit]").forEach((button) => (button.disabled = true)));
  });
  // Back from the next page: the form may be sent again.
  addEventListener("pageshow", () => {
    document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => {
      delete form.dataset["sent"];
      form.querySelectorAll<HTMLButtonElement>("button").forEach((button) => (button.disabled = false));
    });
  });
};

export const confirmFirst = (): void => {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const question = form.dataset["confirm"];
      if (!question || form.dataset["confirmed"]) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
      const dialog = document.createElement("dialog");
      dialog.innerHTML = '<p></p><div class="actions"><button class="btn p" value="yes"></button><button class="btn" value="no"></button></div>';
      const [yes, no] = dialog.querySelectorAll("button");
      dialog.querySelector("p")!.textContent = question;
      yes!.textContent = button?.textContent?.trim() || word("yes");
      no!.textContent = word("cancel");
      dialog.setAttribute("aria-label", question);
      yes!.onclick = () => {
        dialog.close();
        form.dataset["confirmed"] = "1";
        form.requestSubmit(button);
        delete form.dataset["confirmed"];
      };
      no!.onclick = () => dialog.close();
      dialog.onclose = () => dialog.remove();
      document.body.append(dialog);
      dialog.showModal();
    },
    true,
  );
};
