import { defineConfig } from "vite";

/** The worker for pages without a secure context: one file that needs no other. */
export default defineConfig({
  logLevel: "warn",
  publicDir: false,
  build: {
    outDir: "../../../target/frontend/client",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: { "samband-worker": "client/worker.ts" }, formats: ["es"] },
    rolldownOptions: { output: { entryFileNames: "[name].js", minify: true } },
  },
});
