import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  logLevel: "error",
  plugins: [vue()],
  build: { rolldownOptions: { input: ["react.html", "vue.html", "worker.html"] } },
  preview: { proxy: { "/api": process.env.SAMBAND_SERVER ?? "http://localhost:8080" } },
});
