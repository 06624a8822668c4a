"""The words of orgs that refused a deployment, as public reports quote them, and what each means in our words.

The texts are quoted, never changed. Sources: GitHub issues and pull requests as ``owner/repository#number``; files as
``owner/repository: path``. A text that several reports hold has one of them.
"""

from __future__ import annotations

from typing import NamedTuple

from provisioner.salesforce.refusal_texts import Cause


class DeployText(NamedTuple):
    words: str
    cause: Cause
    source: str


_SKILLS = "forcedotcom/sf-skills: skills/service-digital-engagement-channel-configure/SKILL.md"
_IC, _CLI, _CCI = "RoseSilverSoftware/IlluminatedCloud", "forcedotcom/cli", "SFDO-Tooling/CumulusCI"
_TIPS = "hardisgroupcom/sfdx-hardis: src/common/utils/deployTipsList.ts"
_ENTERPRISE = "apex-enterprise-patterns/fflib-apex-common-samplecode#16"
_LOCKED = (
    "null: The changes you requested require salesforce.com to temporarily lock your organization's administration "
    "setup. However, the administration setup has already been locked by another change. Please wait for the previous "
    "action to finish, then try again later."
)
_ERROR_ID = "An unexpected error occurred. Please include this ErrorId if you contact support: "
_METADATA = "{http://soap.sforce.com/2006/04/metadata}"
_NOT_FOUND = "was named in package.xml, but was not found in zipped directory"
_NO_RIGHTS = (
    "INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
)
_NO_RIGHTS_OF_OLD = "INSUFFICIENT_ACCESS: use of the Metadata API requires a user with the ModifyAllData permission"
_MANAGED = (
    "Cannot modify managed object: entity=CustomFieldDefinition, component=<anId>, state=MANAGED_RELEASED, Field: "
    "OptionsFlag OptionBit: OptionsFlagRequired Previous Value: true New Value: null"
)
_RECIPE = "a public recipe: an Agentforce employee agent in Teams, by the Metadata API 67.0"
_FORMULA = "Custom Formula Field - OpportunityLineItem.Use_Opp_Close_Date__c."

TEXTS = tuple(
    DeployText(*row)
    for row in (
        # the channel's own settings, and those of a keyset
        ("You can't enable Session-Based Chat for verified users", Cause.SETTINGS, _SKILLS),
        ("You can't configure JWKS_URL when the key type selected is JWKS_KEY.", Cause.SETTINGS, _RECIPE),
        # a part of the channel that is not managed here
        ("Missing required Agentforce Service Agent.", Cause.NOT_OURS, _SKILLS),
        ("Only active Agentforce Service Agents are supported.", Cause.NOT_OURS, _SKILLS),
        ("Only active Agentforce Service Agents are supported for a Messaging Channel", Cause.NOT_OURS,
         "forcedotcom/sf-skills"),
        # permissions
        ("Not available for deploy for this organization", Cause.PERMISSION, _TIPS),
        ("insufficient access rights on cross-reference id", Cause.PERMISSION, _ENTERPRISE),
        ("insufficient access rights on cross-reference id (INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY)",
         Cause.PERMISSION, "certinia/apex-mdapi#244"),
        ("insufficient access rights on cross-reference id: 1dc0l000000jM12", Cause.PERMISSION,
         "daishi4u/ForceCode#99"),
        ("You do not have sufficient rights to deploy EnableClickjackSetup", Cause.PERMISSION, f"{_CLI}#1393"),
        (_NO_RIGHTS, Cause.PERMISSION, f"{_CLI}#3048"),
        (_NO_RIGHTS_OF_OLD, Cause.PERMISSION, "certinia/apex-mdapi#44"),
        # references
        ("invalid cross reference id", Cause.REFERENCE, "msrivastav13/DX-Code-Companion#200"),
        ("INVALID_CROSS_REFERENCE_KEY: invalid cross reference id", Cause.REFERENCE, f"{_IC}#1800"),
        ("In field: QuickAction - no QuickAction named NewContact found", Cause.REFERENCE,
         "SalesforceCommerceCloud/b2c-crm-sync#14"),
        ("no CustomObject named AccountContactRelation found", Cause.REFERENCE, _TIPS),
        ("In field: apexClass - no ApexClass named LogHandler found", Cause.REFERENCE, "jongpie/NebulaLogger#122"),
        ("Required fields are missing: [AuthorizationConfigId]", Cause.REFERENCE, "scolladon/sfdx-git-delta#1035"),
        ("Entity of type 'CustomObject' named 'Job_Application__c' cannot be found", Cause.REFERENCE,
         "a public guide to a sample project"),
        # versions
        ("Not available for deploy for this API version", Cause.API_VERSION, "SalesforceFoundation/gem#244"),
        ("Property 'formFactors' not valid in version 37.0", Cause.API_VERSION, _ENTERPRISE),
        ("Property 'businessStatus' not valid in version 40.0", Cause.API_VERSION, "scolladon/sfdc-git-package#12"),
        ("Invalid version specified:45.0", Cause.API_VERSION, f"{_CLI}#27"),
        # values, fields, files
        ("'' is not a valid value for the enum 'TestLevel'", Cause.VALUE, "ForceCLI/force#457"),
        ("Unknown user permission: EinsteinGPTSalesEmailsUser", Cause.VALUE, "trailheadapps/coral-cloud#130"),
        ("Permission ManageUsers depends on permission(s): ViewRoles", Cause.VALUE, "jsforce/jsforce#749"),
        ("You cannot provide a Consumer Key", Cause.VALUE, f"{_CCI}#2943"),
        ("The consumer key is already taken.", Cause.VALUE, "forcedotcom/devops-center-feedback#256"),
        ("Required field is missing: encodingKey", Cause.MISSING_FIELD, f"{_CCI}#540"),
        ("Required field is missing: name", Cause.MISSING_FIELD, f"{_CLI}#1315"),
        ("Required field is missing: sharingOwnerRules", Cause.MISSING_FIELD, _TIPS),
        ("Must specify a non-empty label for the CustomObject", Cause.MISSING_FIELD, f"{_CLI}#1220"),
        (f"Error parsing file: Element {_METADATA}fields invalid at this location in type Workflow (13:13)",
         Cause.FILE, f"{_CLI}#3275"),
        ("Error parsing file: Content is not allowed in prolog. (1:1)", Cause.FILE, "hardisgroupcom/sfdx-hardis#352"),
        # deletions
        (f"This custom field is referenced elsewhere in salesforce.com. : {_FORMULA}", Cause.IN_USE, f"{_CCI}#142"),
        ("This custom field is referenced elsewhere in salesforce.com. : Filtered Lookup.", Cause.IN_USE,
         "certinia/df12-deployment-tools#15"),
        # installed packages, and the manifest
        (_MANAGED, Cause.MANAGED, f"{_CLI}#1088"),
        (f"An object 'Account' of type CustomObject {_NOT_FOUND}", Cause.PACKAGE, f"{_CLI}#2182"),
        ("Not in package.xml", Cause.PACKAGE, f"{_CLI}#3012"),
        ("INVALID_CROSS_REFERENCE_KEY: No packages or unpackaged specified", Cause.PACKAGE,
         "joeferraro/MavensMate#175"),
        ("No package.xml found", Cause.PACKAGE, "forcedotcom/CustomMetadataLoader#34"),
        # another change, limits, options
        (_LOCKED, Cause.LOCKED, f"{_CCI}#218"),
        ("admin operation already in progress", Cause.LOCKED, f"{_CLI}#645"),
        ("UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record", Cause.LOCKED, f"{_IC}#1539"),
        ("REQUEST_LIMIT_EXCEEDED: ConcurrentRequests (Concurrent API Requests) Limit exceeded.", Cause.LIMIT,
         "a public gist of ndabAP"),
        ("INVALID_OPERATION: testLevel of NoTestRun cannot be used in production organizations", Cause.OPTION,
         f"{_CLI}#2105"),
        ("INVALID_OPERATION: rollbackOnError option must be true on a production org", Cause.OPTION, f"{_CLI}#2601"),
        ("Average test coverage across all Apex Classes and Triggers is 74%, at least 75% test coverage is required.",
         Cause.COVERAGE, f"{_CLI}#2561"),
        ("Your code coverage is 72%. You need at least 75% coverage to complete this deployment.", Cause.COVERAGE,
         "alexed1/ProcessBuilderConverter#17"),
        ("Test coverage of selected Apex Class is 65.979%, at least 75% test coverage is required", Cause.COVERAGE,
         "Kathy-Lueckeman/EASY-Open-Source-Solution#3"),
        # errors inside the org
        (f"{_ERROR_ID}193357600-12117", Cause.INTERNAL, f"{_CLI}#2944"),
        (f"{_ERROR_ID}1302996278-96467 (1369789590)", Cause.INTERNAL, f"{_IC}#1825"),
        (f"UNKNOWN_EXCEPTION: {_ERROR_ID}508427120-81803 (1757138810)", Cause.INTERNAL,
         "forcedotcom/salesforcedx-vscode#2588"),
        ("An unexpected error has occurred. 174145417-80495 (-873769799)", Cause.INTERNAL, f"{_IC}#595"),
        # words that tell no cause
        ("duplicate value found: <unknown> duplicates value on record with id: <unknown>", Cause.UNKNOWN, f"{_IC}#486"),
        ("duplicate value found: AuraDefinitionBundleId duplicates value on record with id: 0Adj00000004p4r",
         Cause.UNKNOWN, "dcarroll/sublime-lightning#9"),
        ("Unable to delete custom app. Profiles are using this custom app as default.", Cause.UNKNOWN,
         "certinia/df12-deployment-tools#15"),
        ("Cannot find Lightning Component Bundle StandardRequestFlow.", Cause.UNKNOWN, f"{_CLI}#1458"),
        ("Could not resolve standard field's name.", Cause.UNKNOWN, "tiaanswart/lightning-fieldset#17"),
        ("Picklist value: Web in picklist: AccountSource not found", Cause.UNKNOWN, "tiaanswart/lightning-fieldset#17"),
    )
)  # fmt: skip
