// Builds the styles and scripts into dist/: hashed names, a manifest, and a Brotli copy beside each file that gains from it.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const dist = resolve(import.meta.dirname, "dist");

/** Files below this size gain nothing from compression. */
const SMALLEST_BYTES = 1024;

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

function brotli(): Plugin {
  return {
    name: "fairground-brotli",
    closeBundle() {
      for (const path of filesUnder(dist).filter((file) => /\.(css|m?js|svg)$/.test(file))) {
        const plain = readFileSync(path);
        if (plain.length < SMALLEST_BYTES) continue;
        const packed = brotliCompressSync(plain, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
        });
        writeFileSync(`${path}.br`, packed);
      }
    },
  };
}

export default defineConfig({
  base: "/assets/",
  publicDir: false,
  plugins: [brotli()],
  css: {
    preprocessorOptions: {
      scss: { loadPaths: [resolve(import.meta.dirname, "node_modules")], quietDeps: true },
    },
  },
  build: {
    outDir: dist,
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: {
        site: resolve(import.meta.dirname, "assets/site.ts"),
        styles: resolve(import.meta.dirname, "assets/site.scss"),
        docs: resolve(import.meta.dirname, "assets/docs.ts"),
        table: resolve(import.meta.dirname, "assets/table.ts"),
        embed: resolve(import.meta.dirname, "assets/embed.ts"),
      },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
