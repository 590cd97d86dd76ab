import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

/** Gzipped bytes that a page pays at most. To raise one is a decision, not a repair. */
const LARGEST: Record<string, number> = {
  "samband-client.js": 13_150,
  "samband-tokens.js": 4_000,
  "samband-react.js": 1_200,
};

/** The modules that the WAR serves below `/client/`, each complete, for pages that have no build of their own. */
export default defineConfig({
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir: "../../../target/frontend/client",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    lib: {
      entry: {
        "samband-client": "client/index.ts",
        "samband-react": "react/index.ts",
      },
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^react($|\/)/],
      // "use client" is for frameworks that render on the server. They take the npm package.
      checks: { moduleLevelDirective: false },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "samband-tokens.js",
        minify: true,
      },
    },
  },
  plugins: [
    {
      name: "one-client-module",
      enforce: "pre",
      // One module holds the client, so that a page that uses it with and without React has one class of it.
      resolveId(source, importer) {
        if (!importer || !source.endsWith("/client/index.js")) return null;
        return { id: "./samband-client.js", external: true };
      },
    },
    {
      name: "largest-size",
      writeBundle(_options, bundle) {
        for (const [name, largest] of Object.entries(LARGEST)) {
          const chunk = bundle[name];
          if (chunk?.type !== "chunk") this.error(`${name} was not built`);
          const bytes = gzipSync(chunk.code).length;
          if (bytes > largest)
            this.error(`${name} is ${bytes} bytes gzipped, more than ${largest}`);
        }
      },
    },
  ],
});
