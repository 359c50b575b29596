// The local that a call's result is put into, and the scope in which it holds the object: from the statement that puts it there to the end of the block.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NativeHeap.CodeFixes.Ownership;

/// <summary>A local and the statement that fills it.</summary>
/// <param name="Local">The local.</param>
/// <param name="Call">The call that hands out the object.</param>
/// <param name="Value">The same, with what casts are around it.</param>
/// <param name="Statement">The statement: a declaration or an assignment.</param>
/// <param name="Declarator">The part of a declaration that is about the local; null for an assignment.</param>
internal sealed record Holder(ILocalSymbol Local, ExpressionSyntax Call, ExpressionSyntax Value, StatementSyntax Statement, VariableDeclaratorSyntax? Declarator)
{
    public LocalDeclarationStatementSyntax? Declaration => Statement as LocalDeclarationStatementSyntax;

    /// <summary>The block, or at the top level the file, that the statement stands in; null where it stands alone, or in a section of a switch, which others see into.</summary>
    public SyntaxNode? Scope => Statement.Parent switch
    {
        BlockSyntax block => block,
        GlobalStatementSyntax { Parent: CompilationUnitSyntax file } => file,
        _ => null,
    };

    /// <summary>The holder of what a call hands out; null if it goes anywhere but into a local of its own.</summary>
    public static Holder? Of(ExpressionSyntax call, SemanticModel model)
    {
        ExpressionSyntax value = call;
        while (value.Parent is ParenthesizedExpressionSyntax or CastExpressionSyntax)
        {
            value = (ExpressionSyntax)value.Parent;
        }

        return value.Parent switch
        {
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax statement } declarator }
                when model.GetDeclaredSymbol(declarator) is ILocalSymbol { RefKind: RefKind.None } local
                => new Holder(local, call, value, statement, declarator),
            AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Parent: ExpressionStatementSyntax statement, Left: IdentifierNameSyntax name } assignment
                when assignment.Right == value && model.GetSymbolInfo(name).Symbol is ILocalSymbol { RefKind: RefKind.None } local
                => new Holder(local, call, value, statement, null),
            _ => null,
        };
    }

    /// <summary>Whether the scope is left, or ends, right after a statement.</summary>
    public bool EndsAfter(StatementSyntax statement)
        => StatementEdits.ListOf(statement).SkipWhile(s => s != statement).Skip(1).FirstOrDefault() switch
        {
            null => statement.Parent == Scope || (statement.Parent is BlockSyntax { Parent: TryStatementSyntax { Finally: null } guarded } && EndsAfter(guarded)),
            ReturnStatementSyntax or ThrowStatementSyntax => true,
            _ => false,
        };

    /// <summary>Whether the variable is of this scope, and nobody jumps into the middle of it.</summary>
    public bool IsWholeScope
        => Scope is { } scope
            && Local.DeclaringSyntaxReferences is [var declared] && (Declarator is not null || declared.GetSyntax().FirstAncestorOrSelf<StatementSyntax>()?.Parent == Statement.Parent)
            && !scope.DescendantNodes().Any(static n => n is LabeledStatementSyntax);
}
