// A look at a video before it goes up: how long it is, and a frame of it, as far as this browser can decode it.

const LONGEST_SIDE = 960;
/** A browser that has said nothing by then cannot decode it. */
const PATIENCE = 5000;

export interface Look {
  /** Zero where the browser doesn't know. */
  seconds: number;
  poster: Blob | undefined;
}

const happens = (video: HTMLVideoElement, event: string): Promise<void> =>
  new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener("error", () => reject(new Error(event)), { once: true });
    setTimeout(() => reject(new Error(event)), PATIENCE);
  });

/** Never fails: what cannot be looked at goes up without. */
export const look = async (file: File): Promise<Look> => {
  const video = document.createElement("video");
  const address = URL.createObjectURL(file);
  const found: Look = { seconds: 0, poster: undefined };
  video.muted = true;
  video.playsInline = true;
  video.preload = "auto";
  try {
    const ready = happens(video, "loadeddata");
    video.src = address;
    await ready;
    found.seconds = Number.isFinite(video.duration) ? video.duration : 0;
    // The very first frame is often dark.
    const there = happens(video, "seeked");
    video.currentTime = Math.min(0.5, found.seconds / 2);
    await there;
    const shrink = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * shrink);
    canvas.height = Math.round(video.videoHeight * shrink);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    found.poster = await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), "image/jpeg", 0.85));
  } catch {
    // The server has a sign for it.
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(address);
  }
  return found;
};
