// Asks before changes that are not saved are lost: by a link or the button back, and by closing or leaving the tab.
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { texts } from "@/texts";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

const words = texts.settings.leave;

/** Stands on a page with something to fill in; asks while `when` holds. Another part of the same page is no leaving. */
export function UnsavedChanges({ when }: { when: boolean }) {
  const blocked = useBlocker(
    ({ currentLocation, nextLocation }) => when && currentLocation.pathname !== nextLocation.pathname,
  );

  useEffect(() => {
    if (!when) return;
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, [when]);

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
