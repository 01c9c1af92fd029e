import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { preferences } from "./app/preferences.ts";
import { startI18n } from "./i18n/index.ts";
import "./styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
await startI18n(preferences.value.language);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
