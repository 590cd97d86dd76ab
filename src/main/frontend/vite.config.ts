import { defineConfig } from "vite";

/** What the page may load: itself and nothing else. Not while developing, where Vite adds styles of its own. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export default defineConfig({
  root: "console",
  base: "./",
  logLevel: "warn",
  build: {
    outDir: "../../../../target/frontend",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // "use client" of the React entry is for frameworks that render on the server.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  plugins: [
    {
      name: "content-security-policy",
      apply: "build",
      transformIndexHtml: () => [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content: policy },
          injectTo: "head-prepend",
        },
      ],
    },
  ],
  server: { proxy: { "/api": process.env.SAMBAND_SERVER ?? "http://localhost:8080" } },
});
