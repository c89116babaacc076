// The few words that scripts show come from the page, in its language: <html data-words='{"remove": "…"}'>.
type Words = Record<string, string>;

let known: Words | undefined;

export const word = (key: string): string => {
  known ??= JSON.parse(document.documentElement.dataset["words"] ?? "{}") as Words;
  return known[key] ?? key;
};
