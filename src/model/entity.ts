/** Rows of the scalar tables that one entity owns, replaced together with it. Booleans are 0 | 1, times UTC epoch ms. */
export interface Scalars {
  readonly user_account?: readonly {
    readonly upn: string;
    readonly name: string | null;
    readonly kind: 'member' | 'guest';
    readonly enabled: 0 | 1;
    readonly created_at: number | null;
    readonly leave_at: number | null;
    readonly synced: 0 | 1;
    readonly manager_id: string | null;
    readonly department: string | null;
    readonly usage_location: string | null;
    /** `PendingAcceptance` or `Accepted` of somebody invited; null for everybody else. */
    readonly external_state: string | null;
  }[];
  readonly user_licence?: readonly { readonly sku_id: string }[];
  readonly subscribed_sku?: readonly {
    readonly sku: string;
    readonly consumed: number;
    readonly enabled: number;
  }[];
  /** One row a user of whom we were told, with nulls where nothing is recorded. */
  readonly sign_in_activity?: readonly {
    /** Last attempt at an interactive sign-in, successful or not. */
    readonly last_sign_in: number | null;
    readonly last_non_interactive: number | null;
    readonly last_successful: number | null;
  }[];
  readonly role_assignment?: readonly {
    readonly principal_id: string;
    readonly principal_kind: string | null;
    readonly role_template_id: string;
    readonly role: string | null;
    readonly tier: number | null;
    readonly scope: string;
  }[];
  /** Of a group whose members are read: direct and nested. */
  readonly group_member?: readonly {
    readonly group_id: string;
    readonly member_id: string;
    readonly member_kind: string | null;
  }[];
  readonly inbox_rule?: readonly {
    readonly mailbox_id: string;
    readonly rule_id: string;
    readonly name: string | null;
    readonly enabled: 0 | 1;
  }[];
  readonly rule_action?: readonly {
    readonly mailbox_id: string;
    readonly rule_id: string;
    readonly action: string;
    readonly target: string;
    /** Mail domain of the target, lower case; null when the target is no address. */
    readonly target_domain: string | null;
  }[];
  /** A flag that Intune did not tell is null. */
  readonly managed_device?: readonly {
    readonly device_id: string | null;
    readonly name: string | null;
    readonly user_id: string | null;
    readonly upn: string | null;
    readonly owner: string | null;
    readonly compliance: string | null;
    readonly encrypted: 0 | 1 | null;
    readonly jailbroken: 0 | 1 | null;
    readonly os: string | null;
    readonly os_version: string | null;
    readonly enrolled_at: number | null;
  }[];
  readonly own_domain?: readonly { readonly domain: string }[];
}

/** A directory object as last read. `json` is normalised: its hash changes only when something we read changed. */
export interface EntityRecord {
  readonly kind: string;
  readonly id: string;
  readonly json: Record<string, unknown>;
  readonly scalars: Scalars;
}
