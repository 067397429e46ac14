// What is shown once another tab of the browser has logged in as somebody else: the cookies are shared by all tabs.
import type { Session } from "@/api/session";
import { Button } from "@/design/Button";
import { Notice } from "@/design/Feedback";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { LogOut } from "./LogOut";

const words = texts.common.anotherPerson;

/** Stands in place of the pages of the one before, so that nothing that was typed there is sent for the other. */
export function AnotherPerson({ before, now }: { before: Session; now: Session }) {
  const { email } = now.user;
  return (
    <main className="mx-auto max-w-xl px-4 py-14">
      <Page title={words.title} lead={words.lead(email, now.client.client_name)}>
        <Notice tone="warning" title={words.lost(before.user.email)} alert>
          {words.back(before.user.email)}
        </Notice>
        <div className="flex flex-wrap gap-3">
          <Button look="primary" onClick={() => location.assign(import.meta.env.BASE_URL)}>
            {words.goOn(email)}
          </Button>
          <LogOut />
        </div>
      </Page>
    </main>
  );
}
