import "./browser-client/main.js";
