//! How one visits: the methods of a market with their steps, who is asked to
//! help, what goes along and which gift is offered (CMP-006…008, 015…018, 022),
//! and the gifts themselves. Sections of the campaign file like those of
//! `model`; which method a route of a plan follows is decided here too. Knows
//! no database and no Chinese.

use super::model::VisitKind;
use super::{Definition, URBAN};
use crate::{codes, section};
use zf_base::Fen;

codes! {
    /// Market of an outlet.
    MarketKind {
        /// 农村市场.
        Rural = "rural",
        /// 城区市场.
        Urban = "urban",
    }
}

section! {
    /// 礼品方案: one scheme of gifts or thanks.
    GiftScheme {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// Scheme or activity that it is tied to.
        tied_to: Option<String>;
        /// Highest value for one customer, 分.
        #[schema(value_type = i64)]
        fen_per_customer: Fen, in 0 => 100_000_000;
    }
}
section! {
    /// 走访方法: one way of visiting.
    Method {
        /// Id, unique in the file.
        id: String;
        /// Title.
        title: String;
        /// Markets it is for.
        markets: Vec<MarketKind>;
        /// Kinds of visits it is for.
        kinds: Vec<VisitKind>;
        /// What it is for.
        aims: Vec<String>;
        /// Posts that come along.
        posts: Vec<String>;
        /// People of the place through whom one comes in.
        through: Vec<String>;
        /// Steps in order, one sentence each.
        steps: Vec<String>;
        /// What goes along.
        materials: Vec<String>;
        /// Ids of the scripts spoken.
        scripts: Vec<String>;
        /// Ids of the gift schemes offered.
        gifts: Vec<String>;
    }
}

impl Definition {
    /// Methods of a route: those for one of its kinds of visit in this market,
    /// in the order of the file. Where the market is not given the area
    /// decides, as for [`Definition::sweeps`]; mixed and unknown is rural.
    pub fn methods_of(
        &self,
        kinds: &[VisitKind],
        market_kind: Option<&str>,
        area_kind: Option<&str>,
    ) -> Vec<&Method> {
        let market = match market_kind.or(area_kind) {
            Some(URBAN) => MarketKind::Urban,
            _ => MarketKind::Rural,
        };
        let fits = |m: &&Method| {
            m.markets.contains(&market) && m.kinds.iter().any(|kind| kinds.contains(kind))
        };
        self.method.iter().filter(fits).collect()
    }

    /// Gift schemes that a method names and the file has.
    pub fn gifts_of(&self, method: &Method) -> Vec<&GiftScheme> {
        let known = self.gift_scheme.iter();
        known.filter(|g| method.gifts.contains(&g.id)).collect()
    }
}
