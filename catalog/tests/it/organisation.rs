//! Organisations: who belongs, who decides, and what verification proves.

use fairground_catalog::CatalogError;
use fairground_catalog::Secret;
use fairground_catalog::organisation::{
    self, MAX_INVITATIONS, MAX_ORGANISATIONS, MemberRole, NewOrganisation, OrganisationChange,
};

use crate::application_owners::{account, confirm};
use crate::store::{execute, on_every_store};

static SECRET: Secret = Secret::from_bytes([7; 32]);

fn named(name: &str) -> NewOrganisation {
    NewOrganisation { name: name.to_owned(), ..NewOrganisation::default() }
}

#[test]
fn an_organisation_is_verified_by_a_members_confirmed_address_and_by_nothing_else() {
    on_every_store(|db| {
        let anna = account(db, "anna@data.example.org");
        let new = NewOrganisation { domain: Some("Example.org.".to_owned()), ..named("Transit") };
        let home = db.write(|tx| organisation::create(tx, anna, new)).unwrap();
        assert_eq!((home.domain.as_deref(), home.verified_at), (Some("example.org"), None));
        confirm(db, "anna@data.example.org");
        let verified = db.write(|tx| organisation::verify(tx, home.id)).unwrap();
        assert!(verified.verified_at.is_some());
        let slug = home.slug.as_str();
        let other = OrganisationChange { domain: Some("other.example".to_owned()), ..OrganisationChange::default() };
        let moved = db.write(|tx| organisation::change(tx, anna, slug, &other)).unwrap();
        assert_eq!(moved.verified_at, None, "another domain is another claim");
        for domain in ["gmail.com", "no domain", "org", "-x.org"] {
            let wrong = OrganisationChange { domain: Some(domain.to_owned()), ..OrganisationChange::default() };
            let refused = db.write(|tx| organisation::change(tx, anna, slug, &wrong));
            assert!(matches!(refused, Err(CatalogError::Invalid { field: "domain", .. })), "{domain}");
        }
    });
}

#[test]
fn strangers_find_nothing_members_may_look_and_owners_decide() {
    on_every_store(|db| {
        let (anna, bert, carl) =
            (account(db, "anna@example.org"), account(db, "bert@example.org"), account(db, "carl@example.org"));
        let home = db.write(|tx| organisation::create(tx, anna, named("Transit"))).unwrap();
        let slug = home.slug.as_str();
        let invite = |actor, email: &str| {
            db.write(|tx| organisation::invite(tx, &SECRET, actor, slug, email, MemberRole::Member))
        };
        assert!(matches!(invite(carl, "x@example.org"), Err(CatalogError::NotFound { .. })));
        let token = invite(anna, "bert@example.org").unwrap().token;
        db.write(|tx| organisation::accept_invitation(tx, &SECRET, bert, &token)).unwrap();
        let again = db.write(|tx| organisation::accept_invitation(tx, &SECRET, carl, &token));
        assert!(matches!(again, Err(CatalogError::NotFound { .. })), "once");
        assert!(matches!(invite(bert, "x@example.org"), Err(CatalogError::Forbidden(_))));
        assert!(db.read(|tx| organisation::get_for(tx, bert, slug)).is_ok());
        let role = MemberRole::Owner;
        let refused = db.write(|tx| organisation::set_member_role(tx, bert, slug, bert, role));
        assert!(matches!(refused, Err(CatalogError::Forbidden(_))));

        for act in [
            db.write(|tx| organisation::leave(tx, anna, slug)),
            db.write(|tx| organisation::remove_member(tx, anna, slug, anna)),
            db.write(|tx| organisation::set_member_role(tx, anna, slug, anna, MemberRole::Member)),
        ] {
            assert!(matches!(act, Err(CatalogError::WrongState { .. })), "the last owner stays");
        }
        db.write(|tx| organisation::set_member_role(tx, anna, slug, bert, role)).unwrap();
        db.write(|tx| organisation::leave(tx, anna, slug)).unwrap();
        assert!(db.read(|tx| organisation::get_for(tx, anna, slug)).is_err());
        db.write(|tx| organisation::dissolve(tx, bert, slug)).unwrap();
        assert!(db.read(|tx| organisation::get_for(tx, bert, slug)).is_err());
    });
}

#[test]
fn invitations_end_are_replaced_and_are_not_without_number() {
    on_every_store(|db| {
        let (anna, bert) = (account(db, "anna@example.org"), account(db, "bert@example.org"));
        let home = db.write(|tx| organisation::create(tx, anna, named("Transit"))).unwrap();
        let slug = home.slug.as_str();
        let invite =
            |email: &str| db.write(|tx| organisation::invite(tx, &SECRET, anna, slug, email, MemberRole::Member));
        let (first, second) = (invite("bert@example.org").unwrap(), invite("bert@example.org").unwrap());
        assert!(db.read(|tx| organisation::find_invitation(tx, &SECRET, &first.token)).is_err());
        assert!(db.read(|tx| organisation::find_invitation(tx, &SECRET, &second.token)).is_ok());
        execute(db, "UPDATE organisation_invitations SET expires_at = 1");
        let late = db.write(|tx| organisation::accept_invitation(tx, &SECRET, bert, &second.token));
        assert!(matches!(late, Err(CatalogError::NotFound { .. })));
        for number in 0..MAX_INVITATIONS {
            invite(&format!("x{number}@example.org")).unwrap();
        }
        assert!(matches!(invite("one-more@example.org"), Err(CatalogError::Invalid { field: "email", .. })));
        let waiting = db.read(|tx| organisation::list_invitations(tx, home.id)).unwrap();
        db.write(|tx| organisation::withdraw_invitation(tx, anna, slug, waiting[0].id)).unwrap();
        invite("one-more@example.org").unwrap();
    });
}

#[test]
fn names_may_be_the_same_addresses_may_not() {
    on_every_store(|db| {
        let anna = account(db, "anna@example.org");
        let slugs: Vec<String> = (0..3)
            .map(|_| db.write(|tx| organisation::create(tx, anna, named("Transit"))).unwrap().slug.to_string())
            .collect();
        assert_eq!(slugs, ["transit", "transit-2", "transit-3"]);
        let taken = NewOrganisation { slug: Some("transit".parse().unwrap()), ..named("Other") };
        let refused = db.write(|tx| organisation::create(tx, anna, taken));
        assert!(matches!(refused, Err(CatalogError::Taken { what: "organisation", .. })));
        for _ in 3..MAX_ORGANISATIONS {
            db.write(|tx| organisation::create(tx, anna, named("Transit"))).unwrap();
        }
        let refused = db.write(|tx| organisation::create(tx, anna, named("Transit")));
        assert!(matches!(refused, Err(CatalogError::Invalid { .. })));
    });
}

#[test]
fn an_organisation_outlives_a_person_that_is_forgotten_unless_it_was_alone() {
    on_every_store(|db| {
        let (anna, bert) = (account(db, "anna@example.org"), account(db, "bert@example.org"));
        let home = db.write(|tx| organisation::create(tx, anna, named("Transit"))).unwrap();
        let slug = home.slug.as_str();
        let invited = db
            .write(|tx| organisation::invite(tx, &SECRET, anna, slug, "bert@example.org", MemberRole::Member))
            .unwrap();
        db.write(|tx| organisation::accept_invitation(tx, &SECRET, bert, &invited.token)).unwrap();
        db.write(|tx| organisation::forget_account(tx, anna)).unwrap();
        let (_, role) = db.read(|tx| organisation::get_for(tx, bert, slug)).unwrap();
        assert_eq!(role, MemberRole::Owner, "somebody must decide");
        db.write(|tx| organisation::forget_account(tx, bert)).unwrap();
        assert!(matches!(db.read(|tx| organisation::get(tx, home.id)), Err(CatalogError::NotFound { .. })));
    });
}
