// The English texts, a file for each part of the console.
import { accounts } from "./accounts";
import { audit } from "./audit";
import { clients } from "./clients";
import { common } from "./common";
import { erasure } from "./erasure";
import { isolation } from "./isolation";
import { keys } from "./keys";
import { limits } from "./limits";
import { mail } from "./mail";
import { navigation } from "./navigation";
import { onboarding } from "./onboarding";
import { platform } from "./platform";
import { headlines, problems } from "./problems";
import { roles } from "./roles";
import { scopes } from "./scopes";
import { settings } from "./settings";
import { statistics } from "./statistics";
import { tiers } from "./tiers";
import { transfer } from "./transfer";
import { users } from "./users";

export const en = {
  accounts,
  audit,
  clients,
  common,
  erasure,
  headlines,
  isolation,
  keys,
  limits,
  mail,
  navigation,
  onboarding,
  platform,
  problems,
  roles,
  scopes,
  settings,
  statistics,
  tiers,
  transfer,
  users,
};
