// Every rule's title, message and severity. Error: the program cannot be right. Warning: a fact that is nearly always a
// mistake. Info: worth knowing. The tables in docs/diagnostics and AnalyzerReleases say the same, and tests compare them.
//
// Descriptors are written out rather than made by a method, because the release-tracking rules (RS2000 and on) read only that form.

using Microsoft.CodeAnalysis;

namespace NativeHeap.Analyzers;

internal static class Descriptors
{
    private const string Declaration = "NativeHeap.Declaration";
    private const string Ownership = "NativeHeap.Ownership";

    public static readonly DiagnosticDescriptor NotPartial = new(
        DiagnosticIds.NotPartial,
        "Struct with stubs is not partial",
        "'{0}' must be partial for allocation stubs to be generated into '{1}'",
        Declaration,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.NotPartial));

    public static readonly DiagnosticDescriptor NotUnmanaged = new(
        DiagnosticIds.NotUnmanaged,
        "Struct with stubs is not unmanaged",
        "'{0}' cannot live in native memory: its field '{1}' is of type '{2}', which {3}",
        Declaration,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.NotUnmanaged));

    public static readonly DiagnosticDescriptor UnsafeCodeOff = new(
        DiagnosticIds.UnsafeCodeOff,
        "Pointer stubs are left out where unsafe code is not allowed",
        "Unsafe code is off, so Rent is the only stub: set AllowUnsafeBlocks to get Alloc, AllocZeroed, Free and their batch forms",
        Declaration,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.UnsafeCodeOff),
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor UnsupportedType = new(
        DiagnosticIds.UnsupportedType,
        "Type cannot have stubs",
        "'{0}' cannot have allocation stubs: {1}",
        Declaration,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.UnsupportedType));

    public static readonly DiagnosticDescriptor FieldsInSeveralParts = new(
        DiagnosticIds.FieldsInSeveralParts,
        "Fields are declared in several parts",
        "'{0}' declares fields in several parts: their order, and so its layout, depends on the order of the source files",
        Declaration,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.FieldsInSeveralParts));

    public static readonly DiagnosticDescriptor LayoutUnknown = new(
        DiagnosticIds.LayoutUnknown,
        "Layout is known only at run time",
        "The size of '{0}' is known only at run time, where its size class is computed: {1}",
        Declaration,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.LayoutUnknown));

    public static readonly DiagnosticDescriptor Misaligned = new(
        DiagnosticIds.Misaligned,
        "Layout leaves fields misaligned",
        "The layout of '{0}' misaligns: {1}",
        Declaration,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.Misaligned));

    public static readonly DiagnosticDescriptor Padding = new(
        DiagnosticIds.Padding,
        "Padding costs a size class",
        "'{0}' takes {1} bytes (a slot of {2}); with its fields in the order {3} it takes {4} (a slot of {5})",
        Declaration,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.Padding));

    public static readonly DiagnosticDescriptor LargeObject = new(
        DiagnosticIds.LargeObject,
        "Struct is a large object",
        "'{0}' takes {1} bytes, more than the largest slot ({2}): each object gets pages of its own",
        Declaration,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.LargeObject));

    public static readonly DiagnosticDescriptor StubAlreadyDeclared = new(
        DiagnosticIds.StubAlreadyDeclared,
        "Member takes the place of a stub",
        "'{0}' takes the place of a generated stub: '{1}' is not generated",
        Declaration,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.StubAlreadyDeclared));

    public static readonly DiagnosticDescriptor InvalidAlignment = new(
        DiagnosticIds.InvalidAlignment,
        "Alignment is not a power of two up to 2 MiB",
        "The alignment {0} of '{1}' is not a power of two from 1 to {2} (0 is the natural alignment)",
        Declaration,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.InvalidAlignment));

    public static readonly DiagnosticDescriptor ForeignUnsupported = new(
        DiagnosticIds.ForeignUnsupported,
        "Attribute names no type that can have stubs",
        "{0} cannot be given allocation stubs here: {1}",
        Declaration,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ForeignUnsupported));

    public static readonly DiagnosticDescriptor ForeignStubHidden = new(
        DiagnosticIds.ForeignStubHidden,
        "Member of a type hides a stub",
        "'{0}' has members of its own that are called instead of the stubs '{1}': call those by their class, '{2}'",
        Declaration,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ForeignStubHidden));

    public static readonly DiagnosticDescriptor StubsRepeated = new(
        DiagnosticIds.StubsRepeated,
        "Stubs are asked for twice",
        "'{0}' has its stubs by {1}: this attribute has no effect",
        Declaration,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.StubsRepeated));

    public static readonly DiagnosticDescriptor CannotBeIsolated = new(
        DiagnosticIds.CannotBeIsolated,
        "Struct is too large to be isolated",
        "'{0}' cannot be isolated: of {1} bytes, aligned to {2}, it needs pages of its own, which go to others when it is freed",
        Declaration,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.CannotBeIsolated));

    public static readonly DiagnosticDescriptor FreedTwice = new(
        DiagnosticIds.FreedTwice,
        "Memory is freed twice",
        "'{0}' was freed already on every path that leads here",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.FreedTwice));

    public static readonly DiagnosticDescriptor MayBeFreedTwice = new(
        DiagnosticIds.MayBeFreedTwice,
        "Memory may already be freed",
        "'{0}' was freed already on a path that leads here",
        Ownership,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.MayBeFreedTwice));

    public static readonly DiagnosticDescriptor UsedAfterFree = new(
        DiagnosticIds.UsedAfterFree,
        "Memory is used after it was freed",
        "'{0}' is used after it was freed or given away",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.UsedAfterFree));

    public static readonly DiagnosticDescriptor MayBeUsedAfterFree = new(
        DiagnosticIds.MayBeUsedAfterFree,
        "Memory may be used after it was freed",
        "'{0}' may be used here after it was freed or given away on a path that leads here",
        Ownership,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.MayBeUsedAfterFree));

    public static readonly DiagnosticDescriptor NeverFreed = new(
        DiagnosticIds.NeverFreed,
        "Memory is never freed",
        "What '{0}' handed out is never freed: free it, or hand it on",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.NeverFreed));

    public static readonly DiagnosticDescriptor NotFreedOnEveryPath = new(
        DiagnosticIds.NotFreedOnEveryPath,
        "Memory is not freed on every path",
        "What '{0}' handed out is freed on one path and not on another",
        Ownership,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.NotFreedOnEveryPath));

    public static readonly DiagnosticDescriptor ResultDiscarded = new(
        DiagnosticIds.ResultDiscarded,
        "Owned result is discarded",
        "What '{0}' handed out is discarded, so nothing can free it",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ResultDiscarded));

    public static readonly DiagnosticDescriptor LastReferenceLost = new(
        DiagnosticIds.LastReferenceLost,
        "Last reference is overwritten",
        "'{0}' is overwritten while it holds the last reference to what '{1}' handed out, which is never freed",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.LastReferenceLost));

    public static readonly DiagnosticDescriptor InteriorFreed = new(
        DiagnosticIds.InteriorFreed,
        "Interior pointer is freed",
        "'{0}' points into what '{1}' handed out, not to its start: only the start can be freed",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.InteriorFreed));

    public static readonly DiagnosticDescriptor StackFreed = new(
        DiagnosticIds.StackFreed,
        "Pointer to the stack is freed",
        "'{0}' points to the stack, and only what an allocator returned can be freed",
        Ownership,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.StackFreed));

    public static readonly DiagnosticDescriptor FreedReturned = new(
        DiagnosticIds.FreedReturned,
        "Freed memory is returned",
        "'{0}' is returned after it was freed or given away",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.FreedReturned));

    public static readonly DiagnosticDescriptor ForeignFreed = new(
        DiagnosticIds.ForeignFreed,
        "Memory is freed by another allocator",
        "'{0}' was allocated by '{1}', and '{2}' is of another allocator",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ForeignFreed));

    public static readonly DiagnosticDescriptor FreedAsAnother = new(
        DiagnosticIds.FreedAsAnother,
        "Object is freed as another type",
        "'{0}' is freed as {1}, and was allocated as {2}, which takes a slot of another size",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.FreedAsAnother));

    public static readonly DiagnosticDescriptor OwnerCaptured = new(
        DiagnosticIds.OwnerCaptured,
        "Owner is captured by a function that outlives it",
        "'{0}' is disposed of when the method returns this function, which can only run afterwards",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.OwnerCaptured));

    public static readonly DiagnosticDescriptor FieldNeverFreed = new(
        DiagnosticIds.FieldNeverFreed,
        "Owned object is kept in a field and never freed",
        "'{0}' keeps what '{1}' handed out, and nothing in '{2}' frees it or gives it away",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.FieldNeverFreed));

    public static readonly DiagnosticDescriptor OwnerDisposedByCopy = new(
        DiagnosticIds.OwnerDisposedByCopy,
        "Owner is emptied through a copy",
        "'{0}' cannot be changed here, so '{1}' is called on a copy, and '{0}' goes on owning the object",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.OwnerDisposedByCopy));

    public static readonly DiagnosticDescriptor AnnotationDropped = new(
        DiagnosticIds.AnnotationDropped,
        "Ownership annotation is left out",
        "'{0}' leaves out {1}, which '{2}' promises: calls by this name are not checked",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.AnnotationDropped));

    public static readonly DiagnosticDescriptor WrongHeap = new(
        DiagnosticIds.WrongHeap,
        "Object is freed to another heap",
        "'{0}' was allocated from '{1}', and is freed to '{2}'",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.WrongHeap));

    public static readonly DiagnosticDescriptor DisposedTwice = new(
        DiagnosticIds.DisposedTwice,
        "Owner is disposed twice",
        "'{0}' owns what was disposed of already on every path that leads here",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.DisposedTwice));

    public static readonly DiagnosticDescriptor ReferenceInvalidated = new(
        DiagnosticIds.ReferenceInvalidated,
        "Reference is used after what it refers into has changed",
        "'{0}' refers into '{1}' from before '{2}', which ends the references that '{1}' has handed out",
        Ownership,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ReferenceInvalidated));

    public static readonly DiagnosticDescriptor OwnerCopied = new(
        DiagnosticIds.OwnerCopied,
        "Owner declared with using is returned or copied",
        "'{0}' is disposed at the end of its scope, so the copy that is {1} here owns freed memory: use '{0}.Move()'",
        Ownership,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.OwnerCopied));

    public static readonly DiagnosticDescriptor ReferenceEscapes = new(
        DiagnosticIds.ReferenceEscapes,
        "Reference outlives its owner",
        "The object of '{0}' is freed before this reference to it, which is {1}, can be used",
        Ownership,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ReferenceEscapes));

    public static readonly DiagnosticDescriptor ReferenceMayBeInvalidated = new(
        DiagnosticIds.ReferenceMayBeInvalidated,
        "Reference may be used after what it refers into has changed",
        "'{0}' may refer into '{1}' from before '{2}', which can end the references that '{1}' has handed out",
        Ownership,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page(DiagnosticIds.ReferenceMayBeInvalidated));

    private static string Page(string id) => HelpPages.Address + "docs/diagnostics/" + id + ".md";
}
