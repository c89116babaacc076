// Text to copy into a chat group by one press.
export const copying = (): void => {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset["copy"] ?? "") as HTMLTextAreaElement | null;
    if (!source) return;
    const before = button.textContent;
    const done = (): void => {
      button.textContent = button.dataset["done"] ?? before;
      setTimeout(() => (button.textContent = before), 2000);
    };
    source.select();
    if (navigator.clipboard) void navigator.clipboard.writeText(source.value).then(done);
    // Inside a chat app's browser, and where there is no TLS.
    else if (document.execCommand("copy")) done();
  });
};
