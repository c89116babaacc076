// Light, dark, large: kept in a cookie, so that the server's first paint is right. And the printer.
const cookie = (): string[] => (document.cookie.match(/(?:^|; )look=([^;]*)/)?.[1] ?? "auto").split(".");

export const looks = (): void => {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-print]")) print();
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-look]");
    if (!button) return;
    event.preventDefault();
    const wish = button.dataset["look"] ?? "";
    const root = document.documentElement;
    let words = cookie();
    if (wish === "large") {
      words = words.includes("large") ? words.filter((word) => word !== "large") : [...words, "large"];
      if (words.includes("large")) root.dataset["type"] = "large";
      else delete root.dataset["type"];
    } else {
      words = [wish, ...words.filter((word) => word === "large")];
      root.dataset["theme"] = wish;
    }
    document.cookie = `look=${words.join(".")}; path=/; max-age=31536000; samesite=lax`;
  });
};
