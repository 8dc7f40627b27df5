//! What the package managers of JavaScript write where versions are asked for.

use super::json::Object;

/// The versions that would do, where a folder asks for a name: what stands in a catalog of the file
/// for `catalog:name`, and what follows the name for `npm:name@^1.0.0`.
pub(in crate::lockfile) fn range<'a>(
    file: &'a Object<'_>,
    name: &str,
    specifier: &'a str,
) -> &'a str {
    let text = specifier.strip_prefix("catalog:").map_or(Some(specifier), |catalog| {
        let catalog = if catalog.is_empty() { "default" } else { catalog };
        let several = file.get("catalogs").and_then(|it| it.object().ok()?.get(catalog));
        let only = file.get("catalog").filter(|_| catalog == "default");
        let entry = several.or(only)?.object().ok()?.get(name)?;
        let inner = entry.object().ok().and_then(|entry| entry.get("specifier"));
        inner.unwrap_or(entry).value.as_text()
    });
    let text = text.unwrap_or(specifier);
    let renamed = text.strip_prefix("npm:").and_then(|renamed| renamed.rsplit_once('@'));
    renamed.filter(|(name, _)| !name.is_empty()).map_or(text, |(_, range)| range)
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn catalogs_and_new_names_are_looked_through() {
        let pnpm = json::parse(
            "{\"catalogs\": {\"default\": {\"a\": {\"specifier\": \"^1\"}}, \"old\": {\"a\": {\"specifier\": \"0\"}}}}",
        );
        let bun = json::parse(
            "{\"catalog\": {\"a\": \"^1\"}, \"catalogs\": {\"old\": {\"a\": \"npm:b@0\"}}}",
        );
        for file in [pnpm.unwrap(), bun.unwrap()] {
            assert_eq!(range(&file, "a", "catalog:"), "^1");
            assert_eq!(range(&file, "a", "catalog:old"), "0");
            assert_eq!(range(&file, "b", "catalog:old"), "catalog:old");
            assert_eq!(range(&file, "a", "npm:@s/b@~2"), "~2");
            assert_eq!(range(&file, "a", "npm:@s"), "npm:@s");
        }
    }
}
