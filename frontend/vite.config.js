// Builds the style sheet and the script that every page shares, and those of the map, each once more compressed, under names that change with their content.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const compress = {
  name: "compress",
  closeBundle() {
    const folder = new URL("./dist/assets/", import.meta.url);
    for (const name of readdirSync(folder)) {
      if (/\.(br|gz)$/.test(name)) continue;
      const bytes = readFileSync(new URL(name, folder));
      writeFileSync(new URL(`${name}.br`, folder), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      writeFileSync(new URL(`${name}.gz`, folder), gzipSync(bytes, { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [tailwindcss(), compress],
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2020",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: { app: "src/app.ts", style: "src/app.css", icon: "src/icon.svg", map: "src/map.ts", mapstyle: "src/map.css" } },
  },
});
