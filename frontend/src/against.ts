// The new photo from the place of the old one: the camera in the page with the photo of before laid over it, as strongly as one likes.
import { TAKEN } from "./upload";

const LONGEST_SIDE = 1920;

export const against = (root: ParentNode): void => {
  root.querySelectorAll<HTMLElement>("[data-against]:not([data-ready])").forEach((row) => {
    row.dataset["ready"] = "1";
    const find = <T extends HTMLElement>(what: string): T | null => row.querySelector<T>(what);
    const dialog = find<HTMLDialogElement>("dialog");
    const video = find<HTMLVideoElement>("dialog video");
    const still = find<HTMLCanvasElement>("dialog canvas");
    const before = find<HTMLImageElement>("dialog img");
    const share = find<HTMLInputElement>("dialog input[type=range]");
    const status = find("[role=status]");
    const box = row.closest("form")?.querySelector<HTMLElement>('[data-upload]:not([data-kind="video"])');
    const button = (what: string): HTMLButtonElement | null => find<HTMLButtonElement>(`[data-do="${what}"]`);
    const [shoot, take, again, close] = [button("shoot"), button("take"), button("again"), button("close")];
    if (!dialog || !video || !still || !before || !share || !status || !box || !shoot || !take || !again || !close) return;
    row.hidden = false;
    let stream: MediaStream | undefined;
    let opener: HTMLElement | undefined;
    let asking = false;

    const shade = (): void => void (before.style.opacity = String(Number(share.value) / 100));
    const stop = (): void => {
      stream?.getTracks().forEach((track) => track.stop());
      stream = undefined;
      video.srcObject = null;
    };
    const aim = (aiming: boolean): void => {
      video.hidden = shoot.hidden = !aiming;
      still.hidden = take.hidden = again.hidden = aiming;
      take.disabled = false;
      (aiming ? shoot : take).focus();
    };
    const open = async (from: HTMLElement): Promise<void> => {
      // A second click while the browser still asks would leave a camera on that nobody turns off.
      if (asking) return;
      asking = true;
      opener = from;
      status.textContent = "";
      let shown = false;
      try {
        // Asked for before anything covers the page: a browser's question is answered first.
        stream = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: { ideal: "environment" }, width: { ideal: LONGEST_SIDE }, height: { ideal: 1440 } },
          audio: false,
        });
        video.srcObject = stream;
        before.src = from.dataset["photo"] ?? "";
        dialog.showModal();
        shown = true;
        aim(true);
        shade();
        await video.play();
      } catch {
        stop();
        // Closed again before the camera's picture came.
        if (shown && !dialog.open) return;
        if (dialog.open) dialog.close();
        status.textContent = row.dataset["none"] ?? "";
      } finally {
        asking = false;
      }
    };

    row.querySelectorAll<HTMLElement>("[data-photo]").forEach((from) => from.addEventListener("click", () => void open(from)));
    share.addEventListener("input", shade);
    // The form around it is not to be submitted from here.
    share.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    shoot.onclick = () => {
      // Nothing is to be seen yet.
      if (!video.videoWidth) return;
      const shrink = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
      still.width = Math.round(video.videoWidth * shrink);
      still.height = Math.round(video.videoHeight * shrink);
      still.getContext("2d")?.drawImage(video, 0, 0, still.width, still.height);
      video.pause();
      aim(false);
    };
    again.onclick = () => {
      aim(true);
      void video.play();
    };
    take.onclick = () => {
      // Once: a photo clicked twice is one photo.
      take.disabled = true;
      still.toBlob(
        (blob) => {
          dialog.close();
          if (blob) box.dispatchEvent(new CustomEvent(TAKEN, { detail: new File([blob], "photo.jpg", { type: blob.type }) }));
        },
        "image/jpeg",
        0.92,
      );
    };
    close.onclick = () => dialog.close();
    dialog.addEventListener("close", () => {
      stop();
      opener?.focus();
    });
  });
};
