//! What follows from what a person has said: the latest of a kind counts, and
//! some refusals bar visits or contact. Pure; the day and the rules come in,
//! who the person is does not.

use crate::policy::ConsentRules;
use zf_base::Day;
use zf_network::customer::standing::Standing;

/// What a consent is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 告知: the notice was handed over.
    Notice,
    /// Visits.
    Visit,
    /// Calls and messages.
    Contact,
    /// Offers.
    Marketing,
    /// Sensitive data (separate consent).
    Sensitive,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [
        Kind::Notice,
        Kind::Visit,
        Kind::Contact,
        Kind::Marketing,
        Kind::Sensitive,
    ];
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Notice => "notice",
            Kind::Visit => "visit",
            Kind::Contact => "contact",
            Kind::Marketing => "marketing",
            Kind::Sensitive => "sensitive",
        }
    }
    /// From what is stored.
    pub fn from_stored(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Yes.
    Given,
    /// No.
    Refused,
    /// Yes once, no more.
    Withdrawn,
}

impl State {
    /// All of them.
    pub const ALL: [State; 3] = [State::Given, State::Refused, State::Withdrawn];
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Given => "given",
            State::Refused => "refused",
            State::Withdrawn => "withdrawn",
        }
    }
    /// From what is stored; anything unknown is a no.
    pub fn from_stored(text: &str) -> State {
        let found = State::ALL.into_iter().find(|s| s.as_str() == text);
        found.unwrap_or(State::Refused)
    }
}

/// The part of a consent that counts for the standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// What about.
    pub kind: Kind,
    /// Yes or no.
    pub state: State,
    /// For the person only.
    pub person_only: bool,
    /// A no through this day; none = for good.
    pub until_day: Option<Day>,
}

impl Said {
    fn bars(&self, kinds: &[String], today: Day) -> bool {
        self.state != State::Given
            && self.until_day.is_none_or(|day| day >= today)
            && kinds.iter().any(|k| k == self.kind.as_str())
    }
}

/// The latest of every kind; `all` in the order in which it was said.
pub fn latest(all: &[Said]) -> Vec<Said> {
    Kind::ALL
        .iter()
        .filter_map(|kind| all.iter().rev().find(|s| s.kind == *kind).copied())
        .collect()
}

/// The longest of some refusals: none = for good.
fn longest(barring: &[&Said]) -> Option<Day> {
    let ends: Option<Vec<Day>> = barring.iter().map(|s| s.until_day).collect();
    ends.and_then(|days| days.into_iter().max())
}

/// What is refused on a day, from everything said in order.
pub fn standing(all: &[Said], rules: &ConsentRules, today: Day) -> Standing {
    let latest = latest(all);
    let bars = |kinds: &[String]| -> Vec<&Said> {
        latest.iter().filter(|s| s.bars(kinds, today)).collect()
    };
    let (visit, contact) = (bars(&rules.bars_visit), bars(&rules.bars_contact));
    Standing {
        do_not_visit: !visit.is_empty(),
        person_only: !visit.is_empty() && visit.iter().all(|s| s.person_only),
        no_visit_until: longest(&visit),
        do_not_contact: !contact.is_empty(),
        no_contact_until: longest(&contact),
    }
}

/// The standing after one more thing is said. A refusal that was set without a
/// consent (typed in at the customer) stays until visits are agreed to.
pub fn after(
    stored: &Standing,
    before: &[Said],
    new: Said,
    rules: &ConsentRules,
    today: Day,
) -> Standing {
    let said = standing(before, rules, today);
    let mut all = before.to_vec();
    all.push(new);
    let mut now = standing(&all, rules, today);
    let unexplained = stored.do_not_visit && !said.do_not_visit;
    let agrees = new.kind == Kind::Visit && new.state == State::Given;
    if unexplained && !agrees && !now.do_not_visit {
        now.do_not_visit = true;
        now.person_only = stored.person_only;
        now.no_visit_until = stored.no_visit_until;
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn said(kind: Kind, state: State) -> Said {
        Said {
            kind,
            state,
            person_only: false,
            until_day: None,
        }
    }

    #[test]
    fn the_latest_of_a_kind_counts() {
        let rules = Policy::preset().unwrap().consent;
        let today = day("2026-11-22");
        let no = said(Kind::Visit, State::Refused);
        let yes = said(Kind::Visit, State::Given);
        let notice = said(Kind::Notice, State::Given);
        assert!(standing(&[yes, no], &rules, today).do_not_visit);
        assert!(!standing(&[no, yes, notice], &rules, today).do_not_visit);
        // No more offers: neither a visit nor a call.
        let offers = standing(&[said(Kind::Marketing, State::Withdrawn)], &rules, today);
        assert!(offers.do_not_visit && offers.do_not_contact);
        // Refusing the notice or sensitive data alone bars nobody.
        let alone = [
            said(Kind::Notice, State::Refused),
            said(Kind::Sensitive, State::Refused),
        ];
        assert_eq!(standing(&alone, &rules, today), Standing::default());
    }

    #[test]
    fn a_refusal_ends_on_its_day_and_the_longest_counts() {
        let rules = Policy::preset().unwrap().consent;
        let until = |kind, d: &str| Said {
            until_day: Some(day(d)),
            ..said(kind, State::Refused)
        };
        let all = [
            until(Kind::Visit, "2026-11-30"),
            until(Kind::Contact, "2026-12-31"),
        ];
        let on = |d| standing(&all, &rules, day(d));
        assert_eq!(on("2026-11-30").no_visit_until, Some(day("2026-12-31")));
        assert!(on("2026-12-31").do_not_visit);
        assert!(!on("2027-01-01").do_not_visit);
        let good = [
            until(Kind::Visit, "2026-11-30"),
            said(Kind::Contact, State::Refused),
        ];
        assert_eq!(
            standing(&good, &rules, day("2026-11-22")).no_visit_until,
            None
        );
    }

    #[test]
    fn a_refusal_without_a_consent_stays_until_visits_are_agreed_to() {
        let rules = Policy::preset().unwrap().consent;
        let today = day("2026-11-22");
        let typed = Standing {
            do_not_visit: true,
            ..Standing::default()
        };
        let offers = after(
            &typed,
            &[],
            said(Kind::Marketing, State::Given),
            &rules,
            today,
        );
        assert!(offers.do_not_visit);
        let visits = after(&typed, &[], said(Kind::Visit, State::Given), &rules, today);
        assert!(!visits.do_not_visit);
    }

    fn any_said() -> impl Strategy<Value = Said> {
        (
            0..5usize,
            0..3usize,
            any::<bool>(),
            proptest::option::of(0..60i32),
        )
            .prop_map(|(k, s, person_only, until)| Said {
                kind: Kind::ALL[k],
                state: State::ALL[s],
                person_only,
                until_day: until.map(|n| day("2026-11-01").plus_days(n)),
            })
    }

    proptest! {
        #[test]
        fn a_refusal_that_holds_is_always_honoured(
            before in proptest::collection::vec(any_said(), 0..20), new in any_said(), typed in any::<bool>()
        ) {
            let rules = Policy::preset().unwrap().consent;
            let today = day("2026-11-22");
            let stored = Standing { do_not_visit: typed, ..standing(&before, &rules, today) };
            let now = after(&stored, &before, new, &rules, today);
            let holds = new.state != State::Given && new.until_day.is_none_or(|d| d >= today);
            if holds && rules.bars_visit.iter().any(|k| k == new.kind.as_str()) {
                prop_assert!(now.do_not_visit);
            }
            if holds && rules.bars_contact.iter().any(|k| k == new.kind.as_str()) {
                prop_assert!(now.do_not_contact);
            }
            // Somebody who speaks for the household is not overruled by a person.
            if holds && !new.person_only && rules.bars_visit.iter().any(|k| k == new.kind.as_str()) {
                prop_assert!(!now.person_only);
            }
        }
    }
}
