// One's own account: who one is, and how one proves it.
import { useSession } from "@/api/session";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { DeletionSection } from "./DeletionSection";
import { EmailSection } from "./EmailSection";
import { FactorsSection } from "./FactorsSection";
import { PasswordSection } from "./PasswordSection";
import { ProfileSection } from "./ProfileSection";
import { SessionsSection } from "./SessionsSection";

const words = texts.accounts.account;

/** The page of one's own account. */
export function AccountPage() {
  return (
    <Page title={words.title} lead={words.lead(useSession().client.client_name)}>
      <ProfileSection />
      <EmailSection />
      <PasswordSection />
      <FactorsSection />
      <SessionsSection />
      <DeletionSection />
    </Page>
  );
}
