import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { preferences } from "./app/preferences.ts";
import { startI18n } from "./i18n/index.ts";
import "./styles.css";

const RELOADED = "videosite.reloaded";

// A newer version was deployed while this page was open, and a part of the older one is not there any more.
window.addEventListener("vite:preloadError", (event) => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
await startI18n(preferences.value.language);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
