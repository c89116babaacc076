// The phone's position, once somebody asks for it: the form carries it, and the place that it lies in is chosen where none is yet.

/** Metres beyond which a position may be next door. */
const ROUGH = 100;

export const positions = (root: ParentNode): void => {
  // Browsers tell it to pages behind TLS alone.
  if (!("geolocation" in navigator) || !window.isSecureContext) return;
  root.querySelectorAll<HTMLElement>("[data-position]:not([data-ready])").forEach((box) => {
    box.dataset["ready"] = "1";
    const lng = box.querySelector<HTMLInputElement>("input[name=lng]");
    const lat = box.querySelector<HTMLInputElement>("input[name=lat]");
    const take = box.querySelector<HTMLButtonElement>("[data-take]");
    const forget = box.querySelector<HTMLButtonElement>("[data-forget]");
    const status = box.querySelector<HTMLElement>("[role=status]");
    if (!lng || !lat || !take || !forget || !status) return;
    const say = (what: string, metres = 0): void => {
      status.textContent = (box.dataset[what] ?? "").replace("#", String(metres));
    };
    const keep = (east: string, north: string): void => {
      lng.value = east;
      lat.value = north;
      forget.hidden = !east;
    };
    /** Where nobody chose a place yet, the one that the position lies in. */
    const choose = async (): Promise<void> => {
      const place = box.closest("form")?.querySelector<HTMLSelectElement>("select[name=place]");
      if (!place || place.value) return;
      const answer = await fetch(`${box.dataset["position"] ?? ""}?lng=${lng.value}&lat=${lat.value}`);
      const found = answer.ok ? ((await answer.json()) as { place: string | null }).place : null;
      if (!found || place.value || ![...place.options].some((option) => option.value === found)) return;
      place.value = found;
      place.dispatchEvent(new Event("change", { bubbles: true }));
    };
    take.hidden = false;
    forget.hidden = !lng.value;
    forget.onclick = () => {
      keep("", "");
      status.textContent = "";
      take.focus();
    };
    take.onclick = () => {
      take.disabled = true;
      say("asking");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          take.disabled = false;
          keep(coords.longitude.toFixed(7), coords.latitude.toFixed(7));
          const metres = Math.round(coords.accuracy);
          say(metres > ROUGH ? "rough" : "kept", metres);
          // Without it the place is chosen by hand.
          choose().catch(() => undefined);
        },
        (error) => {
          take.disabled = false;
          say(error.code === error.PERMISSION_DENIED ? "refused" : "failed");
        },
        { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 },
      );
    };
  });
};
