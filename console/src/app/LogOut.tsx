// The button that ends the session.
import { useState } from "react";
import { asProblem } from "@/api/problems";
import { useSessionState } from "@/api/session";
import { Button } from "@/design/Button";
import { useLeaving } from "@/design/leaving";
import { useToast } from "@/design/Toast";
import { texts } from "@/texts";

/** Leads to the login; where the session cannot be ended just now, says why and stays. */
export function LogOut() {
  const { leave } = useSessionState();
  const leaving = useLeaving();
  const [busy, setBusy] = useState(false);
  const tell = useToast();
  function logOut() {
    setBusy(true);
    leave().catch((error: unknown) => {
      setBusy(false);
      tell(asProblem(error).message);
    });
  }
  return (
    <Button busy={busy} onClick={() => leaving(logOut)}>
      {texts.navigation.logOut}
    </Button>
  );
}
