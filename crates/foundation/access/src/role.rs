//! The roles of an office; several can stand on one account, each with its own scope.

store::text_enum! {
    /// A role. Its scope is a place subtree or an organisation (see [`crate::Scope`]).
    pub enum Role {
        /// 系统管理员: settings, places, organisations, categories, accounts' existence; sees no personal data of cases.
        SystemAdmin = "system_admin",
        /// 安全管理员: roles and grants, resets, lock-outs.
        SecurityAdmin = "security_admin",
        /// 审计管理员: reads the journal and the log of who gave what; changes nothing.
        AuditAdmin = "audit_admin",
        /// 领导: sees all of the tenant, supervises, approves.
        Leader = "leader",
        /// 受理员、派遣员: the centre's clerk.
        Clerk = "clerk",
        /// 巡查员、网格员: finds, verifies, re-inspects, within a place subtree.
        Inspector = "inspector",
        /// 社区工作者: sees and urges what lies in the community.
        Community = "community",
        /// 责任单位负责人.
        UnitHead = "unit_head",
        /// 责任单位经办人: rectifies.
        UnitHandler = "unit_handler",
        /// 区级工作人员: sees across child tenants through grants.
        DistrictClerk = "district_clerk",
    }
}
