//! What the lists of cases are called, and what they are narrowed by: the words of their addresses.

use kernel::Instant;

store::text_enum! {
    /// The lamp of whoever holds the case: computed from the clock, never stored.
    pub enum Lamp {
        Green = "green",
        Yellow = "yellow",
        Red = "red",
    }
}

impl Lamp {
    pub fn of(due: Instant, yellow_at: Instant, now: Instant) -> Lamp {
        if due < now {
            Lamp::Red
        } else if yellow_at <= now {
            Lamp::Yellow
        } else {
            Lamp::Green
        }
    }
}

store::text_enum! {
    /// Which cases of a period a figure counted.
    pub enum Outcome {
        /// Accepted on re-inspection.
        Rectified = "rectified",
        /// Accepted, with a deadline, and never submitted late.
        OnTime = "on_time",
        Late = "late",
        Rework = "rework",
        /// The same kind at the same spot as another one not long before.
        Recurring = "recurring",
        /// Dispatched and not yet accepted.
        Remaining = "remaining",
        /// Granted a later deadline.
        Extended = "extended",
        /// Whose clock was stopped at some time.
        Held = "held",
        /// Taken over by somebody outside, and not taken back.
        Transferred = "transferred",
        /// Closed, and then disputed by the reporter.
        Disputed = "disputed",
        /// Disputed, and the reporter was right.
        Upheld = "upheld",
        /// An order whose caller was asked how it is, and reached.
        CalledBack = "called_back",
        /// Called back, and the caller finds it solved.
        Solved = "solved",
        /// Called back, and the caller is content.
        Satisfied = "satisfied",
    }
}

store::text_enum! {
    /// What a list is of.
    pub enum Kind {
        /// Under way, the nearest deadline first.
        Open = "open",
        /// Ended, the latest first.
        Ended = "ended",
        /// Found in a period, the latest first.
        Found = "found",
        /// Dispatched (with a notice) in a period, the latest first.
        Dispatched = "dispatched",
        /// With a request that waits for an answer, the oldest first.
        Asked = "asked",
        /// Self-checks that were drawn to be looked at, the oldest first.
        Samples = "samples",
        /// Whose clock stands, the nearest deadline first.
        Held = "held",
        /// Under a leader's eye, the nearest deadline first.
        Supervised = "supervised",
        /// Mended on the spot, in none of the figures of circulars; the latest first.
        MendedOnSpot = "mended_on_spot",
        /// Checked by units themselves, in none of the figures of circulars; the latest first.
        SelfCheck = "self_check",
        /// For whose answer those outside wait, the nearest of their deadlines first; whether or not it is mended.
        Orders = "orders",
    }
}

store::text_enum! {
    /// What a case of the list lacks: the rows of the summary that are nobody's.
    pub enum Without {
        Unit = "unit",
        Community = "community",
        Compound = "compound",
        Category = "category",
    }
}

store::text_enum! {
    /// Whose a list is, of what is open.
    pub enum Whose {
        /// What I found.
        Found = "found",
        /// What I was asked to verify.
        Verify = "verify",
        /// What my unit handed to me.
        Inside = "inside",
        /// What lies where I am on duty today.
        Near = "near",
    }
}

store::text_enum! {
    /// By when, of what is open (of orders: those outside).
    pub enum When {
        /// Before the day is over, and not yet run out.
        Today = "today",
        /// Run out, or before the day is over.
        Now = "now",
        /// Run out for longer than the days after which it is brought before a leader.
        Long = "long",
    }
}

store::text_enum! {
    /// Who answers a request.
    pub enum Answers {
        Centre = "centre",
        Leader = "leader",
    }
}

store::text_enum! {
    /// In which order what is open stands.
    pub enum Sort {
        Due = "due",
        Newest = "newest",
        Oldest = "oldest",
    }
}

store::text_enum! {
    /// What is to be known of a case at a glance.
    pub enum Flag {
        Rework = "rework",
        Recurring = "recurring",
        Supervised = "supervised",
        Extended = "extended",
        Late = "late",
    }
}
