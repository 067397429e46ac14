// The login: who one is, then whatever more the client asks for, all at one address.
import { useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { asProblem } from "@/api/problems";
import { useSessionState } from "@/api/session";
import { EnrolStep } from "./EnrolStep";
import { FactorStep } from "./FactorStep";
import { ForgottenStep } from "./ForgottenStep";
import { type Asked, logIn, type Proof, stepAfter } from "./login";
import { safeNext } from "./next";
import { PasswordStep } from "./PasswordStep";

type Step = Asked | { name: "password" } | { name: "forgotten"; client: string; email: string };

/** The login page. What was typed stays in the page's memory until the login is done, and nowhere else. */
export function LoginPage() {
  const { session, enter } = useSessionState();
  const [query] = useSearchParams();
  const [step, setStep] = useState<Step>({ name: "password" });
  const [proof, setProof] = useState<Proof>({ client: query.get("client") ?? "", email: "", password: "" });
  const restart = () => setStep({ name: "password" });

  async function prove(given: Proof) {
    setProof(given);
    try {
      enter(await logIn(given));
    } catch (error) {
      const asked = stepAfter(asProblem(error));
      if (asked === null) throw error;
      setStep(asked);
    }
  }

  async function logInAnew() {
    try {
      await prove(proof);
    } catch {
      restart(); // what keeps this login from going on is told by the next try
    }
  }

  if (session) return <Navigate to={safeNext(query.get("next"))} replace />;
  switch (step.name) {
    case "factor":
      return <FactorStep offer={step} onEntered={enter} onRestart={restart} />;
    case "enrol":
      return <EnrolStep clientId={step.clientId} onDone={logInAnew} onRestart={restart} />;
    case "forgotten":
      return <ForgottenStep client={step.client} email={step.email} onRestart={restart} />;
    case "password":
      return (
        <PasswordStep
          client={proof.client}
          email={proof.email}
          onProof={prove}
          onEntered={enter}
          onForgotten={(client, email) => setStep({ name: "forgotten", client, email })}
        />
      );
  }
}
