import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** What `npm pack` of the folder needs. React is the reader's own; zustand is inside the module. */
const manifest = {
  name: "samband-client",
  version: version.toLowerCase(),
  description:
    "The browser client of Samband: never deaf, never lying, one connection for all tabs",
  type: "module",
  sideEffects: ["./samband-worker.js"],
  exports: {
    ".": { types: "./types/client/index.d.ts", default: "./samband-client.js" },
    "./react": { types: "./types/react/index.d.ts", default: "./samband-react.js" },
    "./worker": { default: "./samband-worker.js" },
    "./package.json": "./package.json",
  },
  files: ["*.js", "types"],
  peerDependencies: { react: ">=18" },
  peerDependenciesMeta: { react: { optional: true } },
};

export default defineConfig({
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir: "../../../target/frontend/client",
    emptyOutDir: true,
    target: "es2022",
    lib: {
      entry: {
        "samband-client": "client/index.ts",
        "samband-react": "react/index.ts",
      },
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^react($|\/)/],
      output: { entryFileNames: "[name].js", minify: true },
    },
  },
  plugins: [
    {
      // One module holds the client, so that a page that uses it with and without React has one class of it.
      name: "one-client-module",
      enforce: "pre",
      resolveId(source, importer) {
        if (!importer || !source.endsWith("/client/index.js")) return null;
        return { id: "./samband-client.js", external: true };
      },
    },
    {
      name: "package-manifest",
      generateBundle() {
        this.emitFile({
          type: "asset",
          fileName: "package.json",
          source: `${JSON.stringify(manifest, null, 2)}\n`,
        });
      },
    },
  ],
});
