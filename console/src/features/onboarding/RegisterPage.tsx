// Registration of a client: a form, and then the first minutes with what it answered.
import { useState } from "react";
import { ClosedRegistration } from "./ClosedRegistration";
import { FirstMinutes } from "./FirstMinutes";
import { RegistrationForm } from "./RegistrationForm";
import type { Registered } from "./registration";

/** The page. The access key and the password stay in its memory, and are gone with it. */
export function RegisterPage() {
  const [registered, setRegistered] = useState<Registered | null>(null);
  const [closed, setClosed] = useState(false);
  if (registered) return <FirstMinutes registered={registered} />;
  if (closed) return <ClosedRegistration />;
  return <RegistrationForm onRegistered={setRegistered} onClosed={() => setClosed(true)} />;
}
