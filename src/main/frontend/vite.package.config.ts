import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const own = JSON.parse(readFileSync("package.json", "utf8")) as {
  license: string;
  repository: { url: string };
  dependencies: { eventsource: string; zustand: string };
};

/** The version is Maven's, so that the package and the server that it was built with have the same. */
const version = /<artifactId>samband<\/artifactId>\s*<version>([^<]+)</.exec(
  readFileSync("../../../pom.xml", "utf8"),
)?.[1];
if (version === undefined) {
  throw new Error("pom.xml has no version");
}
const home = own.repository.url.replace(/^git\+(.*)\.git$/, "$1");

const entry = (module: string) => ({
  types: `./dist/${module}.d.ts`,
  default: `./dist/${module}.js`,
});

/** What `npm pack` in `target/npm` needs. */
const manifest = {
  name: "samband-client",
  version: version.toLowerCase(),
  description:
    "The browser client of Samband: every event in order, once, for all tabs of a browser",
  keywords: ["server-sent events", "sse", "eventsource", "jakarta ee", "react"],
  homepage: `${home}#readme`,
  bugs: `${home}/issues`,
  license: own.license,
  repository: own.repository,
  // Who has built it is signed and can be looked up: npm does this when CI publishes with an OpenID token.
  publishConfig: { access: "public", provenance: true },
  type: "module",
  sideEffects: false,
  // For tools that do not read exports.
  main: "./dist/client/index.js",
  types: "./dist/client/index.d.ts",
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
  peerDependencies: { react: ">=18" },
  peerDependenciesMeta: { react: { optional: true } },
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
