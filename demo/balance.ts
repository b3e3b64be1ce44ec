/**
 * The reconciliation. What is counted is pairs of an event and an integration that was there when the event came.
 *
 * The hard part is the moment of a delete. A batch on the wire is cut off then, and nobody can know whether its
 * destination has taken it: Jackfield counts it as undelivered, and the destination may have it all the same. So every
 * pair has to be in a class, none may be in two, and one overlap is right: delivered, and undelivered at the delete of
 * the same integration. It is counted, and shown.
 */

/** Of one integration: ids of events, each class from its own source. */
export interface Books {
  readonly label: string;
  /** Generated, and accepted while the integration was there. */
  readonly accepted: ReadonlySet<string>;
  /** Its filter does not ask for them. */
  readonly filtered: ReadonlySet<string>;
  /** The destination has them. */
  readonly delivered: ReadonlySet<string>;
  /** Given up, because the destination refused them for what they hold. */
  readonly dead: ReadonlySet<string>;
  /** Given back by its delete. */
  readonly undelivered: ReadonlySet<string>;
}

export interface Balance {
  readonly label: string;
  readonly accepted: number;
  readonly filtered: number;
  readonly delivered: number;
  readonly dead: number;
  readonly undelivered: number;
  /** Delivered and undelivered at the delete. */
  readonly both: number;
  /** In no class: lost. */
  readonly missing: readonly string[];
  /** In a class without having been accepted. */
  readonly strangers: readonly string[];
  /** In two classes that exclude each other. */
  readonly contradictions: readonly string[];
}

export function balanceOf({ label, accepted, filtered, delivered, dead, undelivered }: Books): Balance {
  const classes = [filtered, delivered, dead, undelivered];
  const placed = classes.reduce((all, each) => all.union(each), new Set<string>());
  const inTwo = filtered
    .intersection(delivered.union(dead).union(undelivered))
    .union(dead.intersection(delivered.union(undelivered)));
  return {
    label,
    accepted: accepted.size,
    filtered: filtered.size,
    delivered: delivered.size,
    dead: dead.size,
    undelivered: undelivered.size,
    both: delivered.intersection(undelivered).size,
    missing: [...accepted.difference(placed)],
    strangers: [...placed.difference(accepted)],
    contradictions: [...inTwo],
  };
}

export function totalOf(balances: readonly Balance[]): Balance {
  const sum = (value: (balance: Balance) => number) =>
    balances.reduce((total, each) => total + value(each), 0);
  return {
    label: 'In all',
    accepted: sum((each) => each.accepted),
    filtered: sum((each) => each.filtered),
    delivered: sum((each) => each.delivered),
    dead: sum((each) => each.dead),
    undelivered: sum((each) => each.undelivered),
    both: sum((each) => each.both),
    missing: balances.flatMap((each) => each.missing),
    strangers: balances.flatMap((each) => each.strangers),
    contradictions: balances.flatMap((each) => each.contradictions),
  };
}

export function isExact(balance: Balance): boolean {
  const { accepted, filtered, delivered, dead, undelivered, both } = balance;
  const wrong = [balance.missing, balance.strangers, balance.contradictions].flat();
  return wrong.length === 0 && accepted === filtered + delivered + dead + undelivered - both;
}

/** One figure from two sources that know nothing of each other. */
export interface Claim {
  readonly text: string;
  readonly expected: number;
  readonly actual: number;
}

export function isTrue({ expected, actual }: Claim): boolean {
  return expected === actual;
}
