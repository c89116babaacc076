// The big screen: panels one after the other, a clock, and fresh figures after each round. Without it the page goes on by itself.
export const screens = (): void => {
  const screen = document.querySelector<HTMLElement>("[data-screen]");
  if (!screen) return;
  const clock = screen.querySelector<HTMLElement>("[data-clock]");
  if (clock) {
    // The server's clock, carried on: a screen's own may be off, and the demo's lies in another year.
    const [hours = 0, minutes = 0] = (clock.textContent ?? "").split(":").map(Number);
    const begun = performance.now();
    const two = (n: number): string => String(n).padStart(2, "0");
    const tick = (): void => {
      const now = hours * 60 + minutes + Math.floor((performance.now() - begun) / 60000);
      clock.textContent = `${two(Math.floor(now / 60) % 24)}:${two(now % 60)}`;
    };
    setInterval(tick, 1000);
  }
  // Not while the network or the server is away, or somebody has to log in: the last figures are better than an error.
  const anew = (): void => {
    fetch(location.href, { cache: "no-store", redirect: "manual" })
      .then((answer) => {
        if (answer.ok) location.reload();
      })
      .catch(() => undefined);
  };
  const panels = [...screen.querySelectorAll<HTMLElement>("[data-panel]")];
  let standing = Math.max(0, panels.findIndex((panel) => !panel.hidden));
  let stood = 0;
  setInterval(
    () => {
      stood += 1;
      if (stood >= Math.max(panels.length, 1)) {
        stood = 0;
        anew();
      }
      if (panels.length === 0) return;
      panels[standing]!.hidden = true;
      standing = (standing + 1) % panels.length;
      panels[standing]!.hidden = false;
    },
    Number(screen.dataset["screen"] ?? "15") * 1000,
  );
};
