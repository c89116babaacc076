//! What every handler can reach: the store, attachments, the press, configuration, and what other crates put beside them.

use documents::Press;
use kernel::World;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;
use store::Store;

/// The state of the running program; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

impl std::ops::Deref for App {
    type Target = AppParts;
    fn deref(&self) -> &AppParts {
        &self.0
    }
}

pub struct AppParts {
    pub store: Store,
    pub press: Arc<dyn Press>,
    pub world: World,
    /// Where people reach the program from outside (`https://…`), for QR codes and links in messages; no slash at the end.
    pub public_url: String,
    /// The message key of the banner of a demo installation.
    pub demo: bool,
    /// Cookies only over TLS.
    pub secure_cookies: bool,
    pub css_url: String,
    pub js_url: String,
    pub icon_url: String,
    extensions: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl AppParts {
    pub fn new(store: Store, press: Arc<dyn Press>, public_url: String) -> Self {
        let world = store.world().clone();
        AppParts {
            store,
            press,
            world,
            public_url,
            demo: false,
            secure_cookies: false,
            css_url: String::new(),
            js_url: String::new(),
            icon_url: String::new(),
            extensions: HashMap::new(),
        }
    }
    /// Puts something of another crate beside the rest (a cache, the attachments, the navigation).
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, thing: T) -> Self {
        self.extensions.insert(TypeId::of::<T>(), Arc::new(thing));
        self
    }
    pub fn build(self) -> App {
        App(Arc::new(self))
    }
    /// What [`AppParts::with`] put there.
    ///
    /// # Panics
    /// When the composition root forgot it: a mistake of the program, found by its first test.
    pub fn get<T: Any + Send + Sync>(&self) -> Arc<T> {
        let found = self.extensions.get(&TypeId::of::<T>()).unwrap_or_else(|| panic!("{} was not wired", std::any::type_name::<T>()));
        Arc::clone(found).downcast::<T>().unwrap_or_else(|_| unreachable!("stored under its own type"))
    }
    pub fn try_get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.extensions.get(&TypeId::of::<T>()).and_then(|found| Arc::clone(found).downcast::<T>().ok())
    }
}
