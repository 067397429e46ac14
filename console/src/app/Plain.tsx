// What stands around the pages before the login: the sign and one box in the middle.
import type { ReactNode } from "react";
import { Outlet } from "react-router";
import { texts } from "@/texts";
import { Brand } from "./Brand";

/** The frame of the pages before the login. */
export function Plain() {
  return (
    <PlainFrame>
      <Outlet />
    </PlainFrame>
  );
}

/** The frame itself, for what stands in for a page. */
export function PlainFrame({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-xl flex-col px-4 py-8 sm:py-14">
      <header className="mb-8">
        <a href="/" className="inline-block no-underline" aria-label={texts.common.product}>
          <Brand />
        </a>
      </header>
      <main id="content" className="rounded-2xl border border-line bg-surface p-5 sm:p-8">
        {children}
      </main>
    </div>
  );
}
