import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const own = JSON.parse(readFileSync("package.json", "utf8")) as {
  version: string;
  license: string;
  repository: object;
  dependencies: { eventsource: string; zustand: string };
  peerDependencies: object;
  peerDependenciesMeta: object;
};

const entry = (module: string) => ({
  types: `./dist/${module}.d.ts`,
  default: `./dist/${module}.js`,
});

/** What `npm pack` in `target/npm` needs. */
const manifest = {
  name: "samband-client",
  version: own.version.toLowerCase(),
  description:
    "The browser client of Samband: every event in order, once, for all tabs of a browser",
  keywords: ["server-sent events", "sse", "eventsource", "jakarta ee", "react"],
  license: own.license,
  repository: own.repository,
  type: "module",
  sideEffects: false,
  exports: {
    ".": entry("client/index"),
    "./react": entry("react/index"),
    "./debug": entry("client/debug"),
    "./testing": entry("client/testing"),
    "./worker": entry("worker"),
    "./package.json": "./package.json",
  },
  files: ["dist"],
  // Caret ranges, so that an application has one copy of each.
  dependencies: {
    eventsource: `^${own.dependencies.eventsource}`,
    zustand: `^${own.dependencies.zustand}`,
  },
  peerDependencies: own.peerDependencies,
  peerDependenciesMeta: own.peerDependenciesMeta,
};

/**
 * The first half of the npm package: the worker as one file that imports nothing, because a page names it by its
 * address, and the files that npm wants. The TypeScript compiler adds the modules and their types.
 */
export default defineConfig({
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir: "../../../target/npm",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    lib: { entry: { "dist/worker": "client/worker.ts" }, formats: ["es"] },
    rolldownOptions: { output: { entryFileNames: "[name].js", minify: true } },
  },
  plugins: [
    {
      name: "package-files",
      generateBundle() {
        const add = (fileName: string, source: string | Uint8Array) =>
          this.emitFile({ type: "asset", fileName, source });
        add("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
        add("dist/worker.d.ts", "export {};\n");
        add("README.md", readFileSync("package/README.md"));
        add("LICENSE", readFileSync("../../../LICENSE"));
      },
    },
  ],
});
