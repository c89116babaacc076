//! An organisation as others see it: its kind and whether it stands in where nobody else answers; the model, without I/O.

use kernel::ids::{OrganisationId, PlaceId};
use store::text_enum;

use crate::place::State;

kernel::id!(
    /// A property company's project (小区项目): its people at one place.
    ProjectId,
    /// One line of where an organisation answers.
    AnswersForId,
    /// One row of the table of responsibilities.
    ResponsibilityId,
    /// One version of one category.
    CategoryVersionId,
);
store::id_values!(ProjectId, AnswersForId, ResponsibilityId, CategoryVersionId);

text_enum! {
    /// What an organisation is.
    pub enum OrganisationKind {
        /// 物业服务企业
        PropertyCompany = "property_company",
        /// 股份经济合作社
        Cooperative = "cooperative",
        /// 部门、站所
        Department = "department",
        /// 商户
        Merchant = "merchant",
        /// 社区居委会、村委会
        CommunityOffice = "community_office",
        /// 景点景区
        ScenicSpot = "scenic_spot",
        /// 水电气热、通信等权属单位
        Utility = "utility",
        /// 执法
        Enforcement = "enforcement",
        Other = "other",
    }
}

store::row! {
    /// An organisation as lists and pages show it; its contact is personal and read apart.
    #[derive(Debug, Clone)]
    pub struct Organisation {
        pub id: OrganisationId,
        pub kind: OrganisationKind,
        pub name: String,
        pub short_name: String,
        pub name_en: Option<String>,
        pub initials: String,
        pub credit_code: Option<String>,
        pub state: State,
        pub version: i64,
    }
}

store::row! {
    /// A company's project at a place.
    #[derive(Debug, Clone)]
    pub struct Project {
        pub id: ProjectId,
        pub organisation_id: OrganisationId,
        pub name: String,
        pub place_id: PlaceId,
        pub state: State,
        pub version: i64,
    }
}
