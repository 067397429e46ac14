// Asks before a page is left with something that would be lost: by a link or the button back, by closing the tab.
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/** Asks for as long as it is rendered; a page has one at a time. Another part of the same page is no leaving. */
export function LeaveGuard({ words }: { words: { title: string; explains: string; leave: string; stay: string } }) {
  const blocked = useBlocker(({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname);

  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, []);

  if (blocked.state !== "blocked") return null;
  return (
    <Dialog title={words.title} onClose={() => blocked.reset()}>
      <p className="text-sm">{words.explains}</p>
      <div className="mt-4 flex flex-wrap gap-3">
        <Button look="primary" onClick={() => blocked.reset()}>
          {words.stay}
        </Button>
        <Button look="danger" onClick={() => blocked.proceed()}>
          {words.leave}
        </Button>
      </div>
    </Dialog>
  );
}
