//! Why a flaw cannot be used, in the fixed words of the two formats.

use serde::Deserialize;

/// The ground of a `not_affected`: a label of `OpenVEX` or of `CycloneDX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    /// `OpenVEX`: the component is not in the product.
    ComponentNotPresent,
    /// `OpenVEX`: the flawed code is not in the component.
    VulnerableCodeNotPresent,
    /// `OpenVEX`: nothing calls the flawed code.
    VulnerableCodeNotInExecutePath,
    /// `OpenVEX`: no attacker has a say in what reaches the flawed code.
    VulnerableCodeCannotBeControlledByAdversary,
    /// `OpenVEX`: something in the product stops the attack.
    InlineMitigationsAlreadyExist,
    /// `CycloneDX`: the code was removed or shaken off.
    CodeNotPresent,
    /// `CycloneDX`: nothing calls the code.
    CodeNotReachable,
    /// `CycloneDX`: only with a setting that is not made.
    RequiresConfiguration,
    /// `CycloneDX`: only with a dependency that is not there.
    RequiresDependency,
    /// `CycloneDX`: only in an environment that is not used.
    RequiresEnvironment,
    /// `CycloneDX`: a compiler's flag stops the attack.
    ProtectedByCompiler,
    /// `CycloneDX`: something at run time stops the attack.
    ProtectedAtRuntime,
    /// `CycloneDX`: something at the edge of the network stops the attack.
    ProtectedAtPerimeter,
    /// `CycloneDX`: other measures stop the attack.
    ProtectedByMitigatingControl,
}

impl Justification {
    /// The label as its own format spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
            Self::CodeNotPresent => "code_not_present",
            Self::CodeNotReachable => "code_not_reachable",
            Self::RequiresConfiguration => "requires_configuration",
            Self::RequiresDependency => "requires_dependency",
            Self::RequiresEnvironment => "requires_environment",
            Self::ProtectedByCompiler => "protected_by_compiler",
            Self::ProtectedAtRuntime => "protected_at_runtime",
            Self::ProtectedAtPerimeter => "protected_at_perimeter",
            Self::ProtectedByMitigatingControl => "protected_by_mitigating_control",
        }
    }

    /// Whether it is one of the five labels of `OpenVEX`.
    pub(super) fn is_openvex(self) -> bool {
        self.openvex() == self
    }

    /// The nearest label of `OpenVEX`.
    #[must_use]
    pub fn openvex(self) -> Self {
        match self {
            Self::CodeNotPresent => Self::VulnerableCodeNotPresent,
            Self::CodeNotReachable => Self::VulnerableCodeNotInExecutePath,
            Self::RequiresConfiguration | Self::RequiresEnvironment => {
                Self::VulnerableCodeCannotBeControlledByAdversary
            }
            Self::RequiresDependency => Self::ComponentNotPresent,
            Self::ProtectedByCompiler
            | Self::ProtectedAtRuntime
            | Self::ProtectedAtPerimeter
            | Self::ProtectedByMitigatingControl => Self::InlineMitigationsAlreadyExist,
            Self::ComponentNotPresent
            | Self::VulnerableCodeNotPresent
            | Self::VulnerableCodeNotInExecutePath
            | Self::VulnerableCodeCannotBeControlledByAdversary
            | Self::InlineMitigationsAlreadyExist => self,
        }
    }

    /// The nearest label of `CycloneDX`.
    #[must_use]
    pub fn cyclonedx(self) -> Self {
        match self {
            Self::ComponentNotPresent | Self::VulnerableCodeNotPresent => Self::CodeNotPresent,
            Self::VulnerableCodeNotInExecutePath => Self::CodeNotReachable,
            Self::VulnerableCodeCannotBeControlledByAdversary => Self::RequiresEnvironment,
            Self::InlineMitigationsAlreadyExist => Self::ProtectedByMitigatingControl,
            Self::CodeNotPresent
            | Self::CodeNotReachable
            | Self::RequiresConfiguration
            | Self::RequiresDependency
            | Self::RequiresEnvironment
            | Self::ProtectedByCompiler
            | Self::ProtectedAtRuntime
            | Self::ProtectedAtPerimeter
            | Self::ProtectedByMitigatingControl => self,
        }
    }
}
