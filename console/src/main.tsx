// Where the console begins.
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { newQueryClient } from "./api/queries";
import { newRouter } from "./app/routes";
import { applyTheme } from "./app/ThemeChoice";
import "./design/theme.css";
import { ToastProvider } from "./design/Toast";
import { SessionKeeper } from "./features/accounts/SessionKeeper";

applyTheme();
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place for the console");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={newQueryClient()}>
      <ToastProvider>
        <SessionKeeper>
          <RouterProvider router={newRouter()} />
        </SessionKeeper>
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
);
